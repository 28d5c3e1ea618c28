/**
 * The gateway's HTTP server: health and metrics in the open, everything else behind the key. Voice and ears are opened
 * in the background, so `/health` answers at once and says what is not ready.
 */
import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyInstance } from 'fastify';
import { Counter, Registry } from 'prom-client';
import { healthReport } from '../../src-runtime/health.ts';
import type { Logger } from '../../src-runtime/log.ts';
import { collectProcessMetrics } from '../../src-runtime/process-metrics.ts';
import { isAuthorised } from './auth.ts';
import { registerChatRoute } from './chat/route.ts';
import { deepgramRefusal, openAiError, openAiRefusal } from './errors.ts';
import { Faults } from './faults.ts';
import { registerFaultsRoute } from './faults-route.ts';
import { findSpeechModels, type ModelOptions } from './listen/models.ts';
import { openRecogniser } from './listen/recogniser.ts';
import { registerRecordingRoute } from './listen/recording-route.ts';
import { type RecogniserState, registerListenRoutes } from './listen/route.ts';
import { registerTranscriptionRoute } from './listen/transcription-route.ts';
import { registerSpeechRoute } from './voice/route.ts';
import { registerSpeakRoute } from './voice/speak-route.ts';
import { openVoice } from './voice/voice.ts';

const MODEL_IDS = ['mindbot-scripted-concierge', 'flite-slt', 'pocketsphinx-en-us'];
const IN_THE_OPEN = new Set(['/health', '/metrics']);
/** A chat with its whole history, or half a minute of recorded sound. */
const BODY_LIMIT_BYTES = 8 * 1024 * 1024;

export interface GatewayOptions {
  apiKey: string;
  instance: string;
  log: Logger;
  models: ModelOptions;
  /** Longest pause between two words of a streamed reply, milliseconds. */
  tokenDelayMs: number;
  /** Tests may order faults; otherwise there is no way to. */
  faultsToOrder: boolean;
}

export interface Gateway {
  server: FastifyInstance;
  /** Resolves when recognition is ready, or known to be missing. */
  ready: Promise<void>;
  close(): Promise<void>;
}

/** Builds the gateway; the caller lets it listen. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { log } = options;
  const voice = await openVoice();
  let listening: RecogniserState = { ready: false, reason: 'the recogniser is still loading: try again' };
  const ready = findSpeechModels(options.models)
    .then((found) => {
      listening = found.ok
        ? { ready: true, recogniser: openRecogniser(found.models) }
        : { ready: false, reason: found.reason };
      if (!found.ok) log.warn({ reason: found.reason }, 'speech recognition is off');
    })
    .catch((error: unknown) => {
      listening = { ready: false, reason: `speech recognition did not start: ${String(error)}` };
      log.error({ err: error }, 'speech recognition did not start');
    });

  const server = Fastify({ logger: false, bodyLimit: BODY_LIMIT_BYTES, genReqId: () => randomUUID() });
  const faults = new Faults();
  server.addHook('preClose', async () => faults.release());
  guard(server, options);
  if (options.faultsToOrder) registerFaultsRoute(server, faults);
  registerStatus(server, options.instance, () => listening);
  registerSpeechRoute(server, voice, faults);
  registerSpeakRoute(server, voice, faults);
  registerChatRoute(server, { tokenDelayMs: options.tokenDelayMs, faults });
  registerRecordingRoute(server, { faults, state: () => listening });
  registerTranscriptionRoute(server, { faults, state: () => listening });
  registerListenRoutes(server, {
    apiKey: options.apiKey,
    faults,
    state: () => listening,
    onListener: () => voice.warm(),
    onFault: (error) => log.error({ err: error }, 'recognition failed'),
  });
  return {
    server,
    ready,
    async close() {
      await server.close();
      await ready;
      if (listening.ready) await listening.recogniser.close();
      await voice.close();
    },
  };
}

function guard(server: FastifyInstance, options: GatewayOptions): void {
  server.addHook('onRequest', async (request, reply) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    if (IN_THE_OPEN.has(pathname) || isAuthorised(request.headers.authorization, options.apiKey)) return;
    const isDeepgram = /^\/v\d\/(listen|speak)$/.test(pathname);
    return reply.code(401).send(isDeepgram ? deepgramRefusal(401, request.id) : openAiRefusal(401));
  });
  server.setNotFoundHandler((request, reply) => {
    const message = `Unknown request URL: ${request.method} ${request.url.split('?')[0]}. The embedded gateway serves /v1/models, /v1/chat/completions, /v1/audio/speech, /v1/audio/transcriptions, /v1/speak, /v1/listen and /v2/listen.`;
    return reply.code(404).send(openAiError(message, { code: 'unknown_url' }));
  });
  server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) options.log.error({ err: error }, 'request failed');
    const message = status >= 500 ? 'The embedded gateway failed; see its log.' : error.message;
    const type = status >= 500 ? 'server_error' : 'invalid_request_error';
    return reply.code(status).send(openAiError(message, { type }));
  });
}

function registerStatus(server: FastifyInstance, instance: string, state: () => RecogniserState): void {
  const registry = new Registry();
  collectProcessMetrics(registry);
  const requests = new Counter({
    name: 'mindbot_speech_requests_total',
    help: 'Requests to the embedded speech and language gateway.',
    labelNames: ['route', 'status'],
    registers: [registry],
  });
  server.addHook('onResponse', async (request, reply) => {
    requests.inc({ route: request.routeOptions.url ?? 'unknown', status: String(reply.statusCode) });
  });
  server.get('/health', async () => {
    const now = state();
    return healthReport('speech', instance, { voice: 'ok', pocketsphinx: now.ready ? 'ok' : now.reason });
  });
  server.get('/metrics', async (_request, reply) =>
    reply.header('content-type', registry.contentType).send(await registry.metrics()),
  );
  server.get('/v1/models', async () => ({
    object: 'list',
    data: MODEL_IDS.map((id) => ({ id, object: 'model', created: 0, owned_by: 'mindbot' })),
  }));
}
