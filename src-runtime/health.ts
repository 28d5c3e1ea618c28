/**
 * What `/health` answers in every process: who is there (service and instance) and how it is. The supervisor believes
 * an answer only when the instance is the one it started.
 */

export type HealthStatus = 'ok' | 'degraded' | 'starting';

export interface HealthReport {
  status: HealthStatus;
  service: string;
  /** MINDBOT_INSTANCE_ID of the process that answers. */
  instance: string;
  uptimeSeconds: number;
  /** One line per thing checked: `ok`, or what is wrong and what to do. */
  checks: Record<string, string>;
}

/** Builds the report; any check that is not `ok` makes it `degraded`. */
export function healthReport(
  service: string,
  instance: string,
  checks: Record<string, string> = {},
): HealthReport {
  const healthy = Object.values(checks).every((line) => line === 'ok');
  return {
    status: healthy ? 'ok' : 'degraded',
    service,
    instance,
    uptimeSeconds: Math.floor(process.uptime()),
    checks,
  };
}
