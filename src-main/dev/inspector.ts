/** Node's inspector of a child: a free port on loopback for it, and its address once it listens. */
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { PROGRAMS, type ProgramName } from '../build/programs.ts';

const PATIENCE_MS = 20_000;
const POLL_MS = 100;

const targetsSchema = z.array(z.object({ webSocketDebuggerUrl: z.string() })).min(1);

/** @throws Error that names the children there are */
export function programNamed(name: string): ProgramName {
  const names = Object.keys(PROGRAMS) as ProgramName[];
  const found = names.find((each) => each === name);
  if (found) return found;
  throw new Error(`--inspect ${name}: there is no such process. It is one of ${names.join(', ')}.`);
}

/** A port that is free now. */
export function freeLoopbackPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Address for a debugger, as soon as the child listens there; undefined when it does not in time. */
export async function inspectorAddress(port: number): Promise<string | undefined> {
  const untilMs = performance.now() + PATIENCE_MS;
  while (performance.now() < untilMs) {
    const answer = await fetch(`http://127.0.0.1:${port}/json/list`).catch(() => undefined);
    const targets = answer?.ok ? targetsSchema.safeParse(await answer.json()).data : undefined;
    if (targets) return targets[0]?.webSocketDebuggerUrl;
    await delay(POLL_MS);
  }
  return undefined;
}
