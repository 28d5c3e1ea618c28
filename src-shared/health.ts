/** The shape of every `/health` answer (src-runtime/health.ts makes it, the supervisor and the station read it). */
import { z } from 'zod';

export const healthReportSchema = z.object({
  status: z.enum(['ok', 'degraded', 'starting']),
  service: z.string(),
  instance: z.string(),
  uptimeSeconds: z.number(),
  checks: z.record(z.string(), z.string()),
});
