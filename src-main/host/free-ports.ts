/** Which ports somebody else holds, and saying so plainly. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { PortName, Ports } from '../../src-shared/ports.ts';

/** Media goes over UDP; a TCP port of the same number says nothing about it. */
const UDP_PORTS: ReadonlySet<string> = new Set<PortName>(['livekitRtcUdp']);

const PATIENCE_MS = 3_000;
const POLL_MS = 100;

export interface TakenPort {
  name: string;
  port: number;
}

/** Those of `ports` that can't be had now. */
export async function takenPorts(ports: Partial<Ports>): Promise<TakenPort[]> {
  const tried = await Promise.all(
    Object.entries(ports).map(async ([name, port]) => {
      const free = await (UDP_PORTS.has(name) ? isUdpPortFree(port) : isTcpPortFree(port));
      return free ? [] : [{ name, port }];
    }),
  );
  return tried.flat();
}

function isTcpPortFree(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const server = createServer();
    server.once('error', () => answer(false));
    server.listen(port, '127.0.0.1', () => server.close(() => answer(true)));
  });
}

function isUdpPortFree(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = createSocket('udp4');
    socket.once('error', () => answer(false));
    socket.bind(port, '127.0.0.1', () => socket.close(() => answer(true)));
  });
}

/**
 * A port that somebody else holds would only show as a child that never gets well; say it plainly. Not at the first
 * look: a process that was killed holds its ports until the last of its threads is gone.
 * @throws Error that names them
 */
export async function assertPortsFree(ports: Partial<Ports>): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  let taken = await takenPorts(ports);
  while (taken.length > 0 && performance.now() < deadlineMs) {
    await delay(POLL_MS);
    taken = await takenPorts(ports);
  }
  if (taken.length === 0) return;
  const list = taken.map(({ name, port }) => `${port} (${name})`).join(', ');
  throw new Error(
    `Another program uses port ${list}. Stop it, or start with --port-base N to move all ports to N … N+99 (for example --port-base 8200).`,
  );
}
