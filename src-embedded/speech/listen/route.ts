/**
 * Live speech on the wire: the WebSockets of `/v1/listen` and `/v2/listen`. Refusals carry Deepgram's error object and
 * its `dg-error` header, since a WebSocket client sees little else.
 */
import { randomUUID } from 'node:crypto';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import { isAuthorised } from '../auth.ts';
import { type DeepgramError, deepgramError, deepgramRefusal } from '../errors.ts';
import type { Faults } from '../faults.ts';
import { fluxParameters } from './flux-parameters.ts';
import { FluxSession } from './flux-session.ts';
import { listenParameters } from './parameters.ts';
import type { Recogniser } from './recogniser.ts';
import { ListenSession, type SessionOptions } from './session.ts';
import { type SpoiledSender, spoiledSender } from './spoiled-results.ts';

/** Deepgram's clients send KeepAlive every few seconds; a stream silent for longer is dead. */
const IDLE_TIMEOUT_MS = 12_000;
const POLICY_STATUS = 1011;

/** The recogniser, or why there is none and what to do. */
export type RecogniserState = { ready: true; recogniser: Recogniser } | { ready: false; reason: string };

export interface ListenRouteOptions {
  apiKey: string;
  faults: Faults;
  state(): RecogniserState;
  /** A client that listens live has come: somebody is about to talk. */
  onListener(): void;
  onFault(error: unknown): void;
}

/** A conversation on an open WebSocket. */
interface LiveSession {
  audio(bytes: Uint8Array): void;
  control(text: string): 'continue' | 'close';
  close(): Promise<void>;
  abandon(): Promise<void>;
}

/** Begins a conversation as the query asks for it, or says why not. */
type Opening =
  | { ok: true; open(options: Omit<SessionOptions, 'parameters'>): LiveSession }
  | { ok: false; message: string };

const PATHS: Record<string, (query: URLSearchParams) => Opening> = {
  '/v1/listen': (query) => {
    const check = listenParameters(query);
    if (!check.ok) return check;
    return { ok: true, open: (options) => new ListenSession({ ...options, parameters: check.parameters }) };
  },
  '/v2/listen': (query) => {
    const check = fluxParameters(query);
    if (!check.ok) return check;
    return { ok: true, open: (options) => new FluxSession({ ...options, parameters: check.parameters }) };
  },
};

/** Adds the WebSockets. */
export function registerListenRoutes(server: FastifyInstance, options: ListenRouteOptions): void {
  const { faults } = options;
  const sockets = new WebSocketServer({ noServer: true });
  server.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const requestId = randomUUID();
    const url = new URL(request.url ?? '/', 'ws://localhost');
    const refuse = (status: number, body: DeepgramError) => refuseUpgrade(socket, status, body);
    const opening = PATHS[url.pathname]?.(url.searchParams);
    if (!opening) {
      return refuse(404, deepgramError('NOT_FOUND', `nothing listens at ${url.pathname}`, requestId));
    }
    if (!isAuthorised(request.headers.authorization, options.apiKey)) {
      return refuse(401, deepgramRefusal(401, requestId));
    }
    if (!opening.ok) return refuse(400, deepgramError('Bad Request', opening.message, requestId));
    const state = options.state();
    if (!state.ready) return refuse(503, deepgramError('SERVICE_UNAVAILABLE', state.reason, requestId));
    const kind = faults.of('ears')?.kind;
    const fault = kind === 'refuse' || kind === 'hang' ? faults.take('ears') : undefined;
    if (fault?.kind === 'hang') return faults.hold(socket);
    if (fault) return refuse(fault.status, deepgramRefusal(fault.status, requestId));
    state.recogniser.warm();
    options.onListener();
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const sender = spoiledSender(faults, {
        send: (text) => {
          if (webSocket.readyState === webSocket.OPEN) webSocket.send(text);
        },
        close: (code) => webSocket.close(code),
      });
      const session = opening.open({
        requestId,
        recogniser: state.recogniser,
        send: sender.send,
        onFault: options.onFault,
      });
      serve(webSocket, session, sender, options.onFault);
    });
  });
  server.addHook('onClose', async () => {
    for (const client of sockets.clients) client.terminate();
    sockets.close();
  });
}

function serve(
  socket: WebSocket,
  session: LiveSession,
  sender: SpoiledSender,
  onFault: (error: unknown) => void,
): void {
  let timer: NodeJS.Timeout | undefined;
  const stillThere = () => {
    clearTimeout(timer);
    timer = setTimeout(
      () => socket.close(POLICY_STATUS, 'NET-0001: no audio or KeepAlive came in time'),
      IDLE_TIMEOUT_MS,
    );
  };
  stillThere();
  const goodbye = async () => {
    await session.close();
    await sender.drained();
    socket.close(1000);
  };
  socket.on('message', (data, isBinary) => {
    stillThere();
    const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
    if (isBinary) return session.audio(bytes);
    if (session.control(bytes.toString('utf8')) === 'close') goodbye().catch(onFault);
  });
  socket.on('error', onFault);
  socket.on('close', () => {
    clearTimeout(timer);
    void session.abandon();
  });
}

function refuseUpgrade(socket: Duplex, status: number, refusal: DeepgramError): void {
  const body = JSON.stringify(refusal);
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `dg-request-id: ${refusal.request_id}`,
    `dg-error: ${refusal.err_msg.replace(/[^\x20-\x7e]/g, ' ')}`,
    'Connection: close',
  ];
  socket.on('error', () => undefined);
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
