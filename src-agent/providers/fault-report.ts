/**
 * How a talk's process tells the worker what a provider did: the worker alone writes the log, counts, and answers
 * `/health`. By HTTP on loopback, under a token that only the worker's own processes know.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { type ProviderFault, providerFaultSchema } from '../../src-shared/providers.ts';

export const FAULTS_PATH = '/faults';
const TOKEN_VARIABLE = 'AGENT_FAULT_TOKEN';
const LONGEST_WAIT_MS = 2_000;

export const faultReportSchema = z.object({ talkId: z.uuid(), fault: providerFaultSchema });
export type FaultReport = z.infer<typeof faultReportSchema>;

/** In the worker: makes the token; the processes of talks inherit it. */
export function openFaultReports(): void {
  process.env[TOKEN_VARIABLE] = randomBytes(24).toString('hex');
}

/** In the worker: whether this request comes from one of its own processes. */
export function isOwnProcess(authorization: string | undefined): boolean {
  const expected = Buffer.from(`Bearer ${process.env[TOKEN_VARIABLE] ?? ''}`);
  const given = Buffer.from(authorization ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** In a talk's process: tells of a fault. A worker that does not listen must not disturb the talk. */
export async function reportFault(workerPort: number, talkId: string, fault: ProviderFault): Promise<void> {
  await fetch(`http://127.0.0.1:${workerPort}${FAULTS_PATH}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${process.env[TOKEN_VARIABLE] ?? ''}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ talkId, fault } satisfies FaultReport),
    signal: AbortSignal.timeout(LONGEST_WAIT_MS),
  })
    .then((response) => response.body?.cancel())
    .catch(() => undefined);
}
