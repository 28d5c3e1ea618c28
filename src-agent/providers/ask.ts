/**
 * Asks one provider whether a talk could use it now, in the very form a talk would: the smallest question, given up at
 * its first sign of an answer, so that it costs next to nothing. Rejects with the ProviderError a talk would meet.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { llm } from '@livekit/agents';
import WebSocket from 'ws';
import { LOCALES } from '../../src-shared/visit.ts';
import type { AgentEnvironment } from '../environment.ts';
import type { EarsWire } from '../speech/ears-wire.ts';
import type { SpeechVoice } from '../speech/speech-request.ts';
import { firstSound } from '../speech/streaming-tts.ts';
import { agentTools } from '../tools/index.ts';
import { earsFor } from './ears.ts';
import { ProviderError, type ProviderName, providerErrorOf } from './fault.ts';
import { type Mind, mindsOf } from './mind.ts';
import { voicesFor } from './voice.ts';

const ANSWER_WITHIN_MS = 10_000;
/** Short enough to cost nothing, long enough to be spoken. */
const SMALLEST_SPEECH = 'Hm.';
const SMALLEST_QUESTION = 'Say yes.';

/** One provider and the way to ask it. */
export interface AskedProvider {
  name: ProviderName;
  /** @throws ProviderError */
  ask(): Promise<void>;
}

/** Every provider of the lists once, in the first language that it is for. */
export function askedProviders(env: AgentEnvironment): AskedProvider[] {
  const minds = mindsOf(env).map((mind) => ({ name: mind.name, ask: () => askMind(mind) }));
  const voices = LOCALES.flatMap((locale) => voicesFor(env, locale)).map((voice) => ({
    name: voice.name,
    ask: () => askVoice(voice),
  }));
  const ears = LOCALES.flatMap((locale) => earsFor(env, locale, true).wires).map((wire) => ({
    name: wire.name,
    ask: () => askEars(wire),
  }));
  const first = new Map<string, AskedProvider>();
  for (const asked of [...minds, ...voices, ...ears]) {
    const { role, provider, model } = asked.name;
    const key = `${role} ${provider} ${model}`;
    if (!first.has(key)) first.set(key, asked);
  }
  return [...first.values()];
}

/** With the tools of a talk: some models refuse a question only because of them. */
export async function askMind(mind: Mind): Promise<void> {
  const chatCtx = llm.ChatContext.empty();
  chatCtx.addMessage({ role: 'user', content: SMALLEST_QUESTION });
  const nobody = { call: async () => ({ ok: false, spoken: '', data: {} }) };
  const model = mind.open();
  let failure: Error | undefined;
  model.on('error', ({ error }) => {
    failure = error;
  });
  const connOptions = { maxRetry: 0, retryIntervalMs: 0, timeoutMs: ANSWER_WITHIN_MS };
  const toolCtx = new llm.ToolContext(agentTools(nobody));
  const stream = model.chat({ chatCtx, toolCtx, connOptions });
  const slow = pause(ANSWER_WITHIN_MS, 'slow' as const, { ref: false });
  const answer = async () => {
    for await (const chunk of stream) if (llm.hasResponse(chunk)) return 'answered';
    return 'nothing';
  };
  const outcome = await Promise.race([answer(), slow]);
  stream.close();
  if (outcome === 'answered') return;
  if (failure) throw providerErrorOf(mind.name, failure, false);
  throw new ProviderError(mind.name, outcome === 'slow' ? 'slow' : 'empty');
}

export async function askVoice(voice: SpeechVoice): Promise<void> {
  const fault = await firstSound(voice, SMALLEST_SPEECH, ANSWER_WITHIN_MS);
  if (fault) throw fault;
}

/** Whether a stream opens. */
export function askEars({ name, url, headers }: EarsWire): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { headers, handshakeTimeout: ANSWER_WITHIN_MS });
    socket
      .on('open', () => {
        socket.close();
        resolve();
      })
      .on('unexpected-response', (_request, response) => {
        response.resume();
        socket.terminate();
        reject(new ProviderError(name, 'refused', response.statusCode ?? null));
      })
      .on('error', (error) => reject(providerErrorOf(name, error, false)));
  });
}
