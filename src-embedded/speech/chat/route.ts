/** `POST /v1/chat/completions`: the concierge behind OpenAI's wire format, streamed word by word or whole. */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { openAiError } from '../errors.ts';
import { type Faults, spoiled } from '../faults.ts';
import { isAnsweredByFault, sendSpoiled } from '../faults-route.ts';
import { completionChunks, roughUsage, wholeCompletion } from './completion.ts';
import { decide } from './concierge.ts';
import { modelRefusal } from './model-rules.ts';
import { chatRequestSchema, messageText } from './schema.ts';

export interface ChatRouteOptions {
  /** Pause between two chunks of a stream, milliseconds. */
  tokenDelayMs: number;
  faults: Faults;
}

/** An event that can't be read. */
const GARBAGE = 'data: {"id":"chatcmpl-\n\n';

/** Adds the route. */
export function registerChatRoute(server: FastifyInstance, options: ChatRouteOptions): void {
  server.post('/v1/chat/completions', async (request, reply) => {
    const parsed = chatRequestSchema.safeParse(request.body);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      const param = issue?.path.join('.') || 'body';
      return reply.code(400).send(openAiError(`${param}: ${issue?.message ?? 'is wrong'}`, { param }));
    }
    const chat = parsed.data;
    const refused = modelRefusal(chat);
    if (refused) return reply.code(400).send(refused);
    const fault = options.faults.take('mind');
    if (isAnsweredByFault(fault, options.faults, reply, 'openai')) return reply;
    const decision = decide(chat);
    const head = {
      id: `chatcmpl-${randomUUID()}`,
      model: chat.model,
      created: Math.floor(Date.now() / 1000),
    };
    const callId = `call_${randomUUID().replaceAll('-', '')}`;
    const promptCharacters = chat.messages.reduce((sum, message) => sum + messageText(message).length, 0);
    const usage = roughUsage(promptCharacters, decision);
    if (!chat.stream) return sendSpoiled(reply, wholeCompletion(head, decision, callId, usage), fault);
    const chunks = completionChunks(
      head,
      decision,
      callId,
      chat.stream_options?.include_usage ? usage : undefined,
    );
    reply.header('content-type', 'text/event-stream; charset=utf-8').header('cache-control', 'no-cache');
    const events = spoiled(serverSentEvents(chunks, options.tokenDelayMs), fault, GARBAGE);
    return reply.send(Readable.from(events, { objectMode: false }));
  });
}

async function* serverSentEvents(chunks: readonly object[], delayMs: number): AsyncGenerator<string> {
  for (const [index, chunk] of chunks.entries()) {
    if (index > 0 && delayMs > 0) await pause(delayMs);
    yield `data: ${JSON.stringify(chunk)}\n\n`;
  }
  yield 'data: [DONE]\n\n';
}
