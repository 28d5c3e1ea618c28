/**
 * `/v1/listen` on the wire: the WebSocket of live speech, and the POST of a whole WAV recording. Refusals carry
 * Deepgram's error object and its `dg-error` header, since a WebSocket client sees little else.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import { resample } from '../audio/resample.ts';
import { parseWav, pcmBytes } from '../audio/wav.ts';
import { isAuthorised } from '../auth.ts';
import { deepgramError } from '../errors.ts';
import { alternative, metadata, WHOLE_SENTENCE } from './messages.ts';
import { LISTEN_SAMPLE_RATE, listenParameters, wantsPunctuation } from './parameters.ts';
import type { Recogniser } from './recogniser.ts';
import { ListenSession } from './session.ts';

/** Deepgram's clients send KeepAlive every few seconds; a stream silent for longer is dead. */
const IDLE_TIMEOUT_MS = 12_000;
const POLICY_STATUS = 1011;

/** The recogniser, or why there is none and what to do. */
export type RecogniserState = { ready: true; recogniser: Recogniser } | { ready: false; reason: string };

export interface ListenRouteOptions {
  apiKey: string;
  state(): RecogniserState;
  /** A client that listens live has come: somebody is about to talk. */
  onListener(): void;
  onFault(error: unknown): void;
}

/** Adds the WebSocket and the POST. */
export function registerListenRoutes(server: FastifyInstance, options: ListenRouteOptions): void {
  const sockets = new WebSocketServer({ noServer: true });
  server.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const requestId = randomUUID();
    const url = new URL(request.url ?? '/', 'ws://localhost');
    const refuse = (status: number, code: string, message: string) =>
      refuseUpgrade(socket, status, code, message, requestId);
    if (url.pathname !== '/v1/listen') return refuse(404, 'NOT_FOUND', `nothing listens at ${url.pathname}`);
    if (!isAuthorised(request.headers.authorization, options.apiKey)) {
      return refuse(401, 'INVALID_AUTH', 'Invalid credentials.');
    }
    const check = listenParameters(url.searchParams);
    if (!check.ok) return refuse(400, 'Bad Request', check.message);
    const state = options.state();
    if (!state.ready) return refuse(503, 'SERVICE_UNAVAILABLE', state.reason);
    state.recogniser.warm();
    options.onListener();
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const session = new ListenSession({
        requestId,
        parameters: check.parameters,
        recogniser: state.recogniser,
        send: (message) => {
          if (webSocket.readyState === webSocket.OPEN) webSocket.send(JSON.stringify(message));
        },
        onFault: options.onFault,
      });
      serve(webSocket, session, options.onFault);
    });
  });
  server.addHook('onClose', async () => {
    for (const client of sockets.clients) client.terminate();
    sockets.close();
  });
  registerRecordingRoute(server, options);
}

function serve(socket: WebSocket, session: ListenSession, onFault: (error: unknown) => void): void {
  let timer: NodeJS.Timeout | undefined;
  const stillThere = () => {
    clearTimeout(timer);
    timer = setTimeout(
      () => socket.close(POLICY_STATUS, 'NET-0001: no audio or KeepAlive came in time'),
      IDLE_TIMEOUT_MS,
    );
  };
  stillThere();
  socket.on('message', (data, isBinary) => {
    stillThere();
    const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
    if (isBinary) return session.audio(bytes);
    if (session.control(bytes.toString('utf8')) === 'close') {
      void session.close().then(() => socket.close(1000), onFault);
    }
  });
  socket.on('error', onFault);
  socket.on('close', () => {
    clearTimeout(timer);
    void session.abandon();
  });
}

function refuseUpgrade(
  socket: Duplex,
  status: number,
  code: string,
  message: string,
  requestId: string,
): void {
  const body = JSON.stringify(deepgramError(code, message, requestId));
  const lines = [
    `HTTP/1.1 ${status} ${code.replaceAll('_', ' ')}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `dg-request-id: ${requestId}`,
    `dg-error: ${message.replace(/[^\x20-\x7e]/g, ' ')}`,
    'Connection: close',
  ];
  socket.on('error', () => undefined);
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

function registerRecordingRoute(server: FastifyInstance, options: ListenRouteOptions): void {
  server.addContentTypeParser(/^audio\//, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.post('/v1/listen', async (request, reply) => {
    const requestId = randomUUID();
    const state = options.state();
    if (!state.ready) {
      return reply.code(503).send(deepgramError('SERVICE_UNAVAILABLE', state.reason, requestId));
    }
    const query = new URL(request.url, 'http://localhost').searchParams;
    let audio: ReturnType<typeof parseWav>;
    try {
      audio = parseWav(request.body as Buffer);
      if (audio.channels !== 1) throw new Error('only one channel is read here');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return reply
        .code(400)
        .send(deepgramError('Bad Request', `a WAV recording is needed: ${reason}`, requestId));
    }
    const samples = resample(audio.samples, audio.sampleRate, LISTEN_SAMPLE_RATE);
    const utterance = state.recogniser.begin();
    utterance.write(pcmBytes(samples));
    const heard = await utterance.finish();
    const punctuate = wantsPunctuation(query) ? WHOLE_SENTENCE : undefined;
    return reply.send({
      metadata: metadata(requestId, samples.length / LISTEN_SAMPLE_RATE),
      results: { channels: [{ alternatives: [alternative(heard, punctuate)] }] },
    });
  });
}
