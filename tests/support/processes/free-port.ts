/**
 * Ports of the loopback for tests. Promise: files that run side by side never get the same one, since each worker takes
 * from a span of its own; and no outgoing connection holds one, since all lie below those that the system gives to such
 * (32768 and up on Linux).
 */
import { createServer } from 'node:net';
import { takenPorts } from '../../../src-main/host/free-ports.ts';
import { portsFrom } from '../../../src-shared/ports.ts';

/** More workers than this would share. */
const WORKERS = 8;
/** Each station takes 100; 20 ranges a worker. */
const FIRST_RANGE = 12_000;
const RANGE_SIZE = 100;
const RANGES_PER_WORKER = 20;
const FIRST_PORT = FIRST_RANGE + WORKERS * RANGES_PER_WORKER * RANGE_SIZE;
const PORTS_PER_WORKER = 590;

/** Vitest counts its workers from 1, Playwright from 0; elsewhere there is one. */
const worker = Number(process.env['VITEST_POOL_ID'] ?? process.env['TEST_PARALLEL_INDEX'] ?? 0) % WORKERS;

/** Where to go on in a span: by chance at first, so that two runs on one machine rarely meet. */
const next = { port: Math.floor(Math.random() * PORTS_PER_WORKER), range: Math.floor(Math.random() * 1_000) };

/** A TCP port that is free now, and given once by this process. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + worker * PORTS_PER_WORKER + (next.port++ % PORTS_PER_WORKER);
    if (await isFree(port)) return port;
  }
}

/** First port of 100 whose every port that a station uses is free. */
export async function freePortRange(): Promise<number> {
  for (;;) {
    const range = worker * RANGES_PER_WORKER + (next.range++ % RANGES_PER_WORKER);
    const base = FIRST_RANGE + range * RANGE_SIZE;
    if ((await takenPorts(portsFrom(base))).length === 0) return base;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
