/** Which of a station's TCP ports somebody else holds. */
import { createServer } from 'node:net';
import type { PortName, Ports } from '../src-shared/ports.ts';

/** Media goes over UDP; a TCP port of the same number says nothing about it. */
const UDP_PORTS: readonly PortName[] = ['livekitRtcUdp'];

export interface TakenPort {
  name: string;
  port: number;
}

export async function takenPorts(ports: Ports): Promise<TakenPort[]> {
  const tcp = Object.entries(ports).filter(([name]) => !UDP_PORTS.some((udp) => udp === name));
  const tried = await Promise.all(
    tcp.map(async ([name, port]) => ((await isPortFree(port)) ? [] : [{ name, port }])),
  );
  return tried.flat();
}

function isPortFree(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const server = createServer();
    server.once('error', () => answer(false));
    server.listen(port, '127.0.0.1', () => server.close(() => answer(true)));
  });
}
