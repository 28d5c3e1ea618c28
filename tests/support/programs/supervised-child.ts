/**
 * A child as the supervisor tests need one: real life cycle (src-runtime/child.ts), a /health that names its instance,
 * and, on `GET /hang`, an event loop that never turns again. With FORK_GRANDCHILD=1 it has a process of its own, which
 * ignores SIGTERM, and `GET /grandchild` tells its pid.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { z } from 'zod';
import { runChild } from '../../../src-runtime/child.ts';
import { healthReport } from '../../../src-runtime/health.ts';

const GRANDCHILD = "process.on('SIGTERM', () => undefined); setInterval(() => undefined, 1_000)";

runChild({
  name: 'fixture',
  logFile: 'fixture.log',
  environment: z.object({
    PORT: z.coerce.number(),
    FORK_GRANDCHILD: z.string().optional(),
    IGNORE_SIGTERM: z.string().optional(),
  }),
  async start({ env }) {
    let grandchild: ChildProcess | undefined;
    if (env.FORK_GRANDCHILD === '1') {
      grandchild = spawn(process.execPath, ['-e', GRANDCHILD], { stdio: 'ignore' });
    }
    const server = createServer((request, response) => {
      if (request.url === '/hang') {
        for (;;) Math.random();
      }
      const body =
        request.url === '/grandchild'
          ? { pid: grandchild?.pid ?? null }
          : request.url === '/environment'
            ? process.env
            : healthReport('fixture', env.MINDBOT_INSTANCE_ID);
      response.end(JSON.stringify(body));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(env.PORT, '127.0.0.1', resolve);
    });
    return async () => {
      // Longer than any patience: only SIGKILL ends it.
      if (env.IGNORE_SIGTERM === '1') for (;;) Math.random();
      grandchild?.kill('SIGKILL');
      server.close();
    };
  },
});
