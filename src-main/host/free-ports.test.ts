import { createSocket, type Socket } from 'node:dgram';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { takenPorts } from './free-ports.ts';

let holders: (Server | Socket)[] = [];

afterEach(async () => {
  await Promise.all(holders.map((holder) => new Promise<void>((done) => holder.close(() => done()))));
  holders = [];
});

describe('takenPorts', () => {
  it('finds a port that somebody listens on', async () => {
    const port = await holdTcp();
    expect(await takenPorts({ station: port })).toEqual([{ name: 'station', port }]);
  });

  it('finds the media port taken by UDP, by which alone it is used', async () => {
    const port = await holdUdp();
    expect(await takenPorts({ livekitRtcUdp: port })).toEqual([{ name: 'livekitRtcUdp', port }]);
    expect(await takenPorts({ livekitRtcUdp: await holdTcp() })).toEqual([]);
  });

  it('leaves the ports it looked at free', async () => {
    const port = await holdTcp();
    await new Promise<void>((done) => (holders.pop() as Server).close(() => done()));
    expect(await takenPorts({ relay: port, livekitRtcUdp: port })).toEqual([]);
    expect(await takenPorts({ relay: port, livekitRtcUdp: port })).toEqual([]);
  });
});

function holdTcp(): Promise<number> {
  const server = createServer();
  holders.push(server);
  return new Promise((held) =>
    server.listen(0, '127.0.0.1', () => held((server.address() as AddressInfo).port)),
  );
}

function holdUdp(): Promise<number> {
  const socket = createSocket('udp4');
  holders.push(socket);
  return new Promise((held) => socket.bind(0, '127.0.0.1', () => held(socket.address().port)));
}
