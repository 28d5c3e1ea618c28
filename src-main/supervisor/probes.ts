/** How the supervisor asks a child whether it is alive: our processes by `/health`, foreign servers by proof of our key. */
import { healthReportSchema } from '../../src-shared/health.ts';
import type { ProbeAnswer } from './child-spec.ts';

/** Believes `/health` only when it names the instance we started. */
export async function probeHealth(url: string, instanceId: string, timeoutMs: number): Promise<ProbeAnswer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  const report = healthReportSchema.parse(await response.json());
  if (report.instance !== instanceId) return { alive: false };
  const notes = Object.entries(report.checks)
    .filter(([, line]) => line !== 'ok')
    .map(([check, line]) => `${check}: ${line}`);
  return { alive: true, status: report.status, notes };
}
