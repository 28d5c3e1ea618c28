/**
 * Pages while they are being worked on (`npm run dev`): handed on from the page server on loopback, with the line by
 * which it tells the page of changes. Behind the same gate, headers and cookies as the built pages; never in production.
 */
import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { judgeRequest } from './gate.ts';

export interface PageServer {
  /** `http://127.0.0.1:…` */
  url: string;
  /** Carried by the inline scripts and styles that the page server adds. */
  nonce: string;
}

/** What a page's file says of itself; the rest of the headers is the station's. */
const HANDED_ON = ['content-type', 'etag', 'cache-control'];

/** @param hosts names under which the station may be called */
export function registerPageServer(
  app: FastifyInstance,
  { url }: PageServer,
  hosts: () => ReadonlySet<string>,
): void {
  const hand = async (path: string, accept: string | undefined, reply: FastifyReply) => {
    const answer = await fetch(`${url}${path}`, { headers: { accept: accept ?? '*/*' }, redirect: 'manual' });
    for (const name of HANDED_ON) {
      const value = answer.headers.get(name);
      if (value) reply.header(name, value);
    }
    return reply.code(answer.status).send(Buffer.from(await answer.arrayBuffer()));
  };
  app.get('/', (request, reply) => hand('/index.html', request.headers.accept, reply));
  // The page's own addresses are relative to its folder.
  app.get('/admin', (_, reply) => reply.redirect('/admin/'));
  app.get('/admin/', (request, reply) => hand('/admin/index.html', request.headers.accept, reply));
  app.get('/*', (request, reply) => hand(request.url, request.headers.accept, reply));
  handOnSockets(app, new URL(url), hosts);
}

/** A WebSocket of our own page reaches the page server; nobody else's does. */
function handOnSockets(app: FastifyInstance, server: URL, hosts: () => ReadonlySet<string>): void {
  const open = new Set<Socket>();
  app.server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const { host, origin } = request.headers;
    const verdict = judgeRequest({ method: 'GET', path: '/', headers: request.headers }, hosts());
    if (verdict !== 'pass' || origin !== `http://${host}`) {
      socket.destroy();
      return;
    }
    const inner = connect(Number(server.port), server.hostname, () => {
      inner.write(requestHead(request, server));
      inner.write(head);
      socket.pipe(inner).pipe(socket);
    });
    for (const each of [socket, inner]) {
      open.add(each);
      each.on('error', () => each.destroy());
      each.on('close', () => {
        open.delete(each);
        socket.destroy();
        inner.destroy();
      });
    }
  });
  app.addHook('preClose', async () => {
    for (const socket of open) socket.destroy();
  });
}

/** The request as it came, but under the page server's own name. */
function requestHead(request: IncomingMessage, server: URL): string {
  const lines = [`GET ${request.url} HTTP/1.1`];
  const { rawHeaders } = request;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (/^(host|origin|cookie)$/i.test(name)) continue;
    lines.push(`${name}: ${rawHeaders[index + 1]}`);
  }
  return `${[...lines, `Host: ${server.host}`, `Origin: ${server.origin}`].join('\r\n')}\r\n\r\n`;
}
