/** A door in front of a local server that a test can shut: then the server is as good as gone. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export interface TcpGate {
  url: string;
  /** Cuts every connection and refuses new ones. */
  shut(): Promise<void>;
  open(): Promise<void>;
}

/** An open gate in front of a port of the loopback. `shut()` is also how to end it. */
export async function startTcpGate(targetPort: number): Promise<TcpGate> {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let port = 0;
  const pass = (inner: Socket) => {
    const outer = connect(targetPort, '127.0.0.1');
    for (const socket of [inner, outer]) {
      sockets.add(socket);
      socket.on('close', () => {
        sockets.delete(socket);
        inner.destroy();
        outer.destroy();
      });
      socket.on('error', () => socket.destroy());
    }
    inner.pipe(outer).pipe(inner);
  };
  const open = async () => {
    const opening = createServer(pass);
    await new Promise<void>((resolve, reject) => {
      opening.once('error', reject);
      opening.listen(port, '127.0.0.1', resolve);
    });
    port = (opening.address() as AddressInfo).port;
    server = opening;
  };
  await open();
  return {
    url: `http://127.0.0.1:${port}`,
    open,
    shut: async () => {
      const closed = new Promise<void>((resolve) => server?.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
