/** The one JSON line of `npm start -- --headless --json`. Tools and tests read it with this schema. */
import { z } from 'zod';

export const readyLineSchema = z.object({
  ready: z.literal(true),
  /** One-use launch URL of the customer page; a plain browser can open it. */
  ui: z.url(),
  admin: z.url(),
  relay: z.url(),
  supabase: z.object({ url: z.url(), anonKey: z.string().min(1) }),
  stripe: z.url(),
  speech: z.url(),
  livekit: z.string(),
  agentHealth: z.url(),
  metrics: z.url(),
  dataDir: z.string().min(1),
  /** Embedded mode only: connection string of the database owner. */
  postgres: z.string().optional(),
  /** Embedded mode only. */
  serviceRoleKey: z.string().optional(),
});

export type ReadyLine = z.infer<typeof readyLineSchema>;
