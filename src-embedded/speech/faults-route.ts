/**
 * `POST /test/faults` orders a fault, `DELETE /test/faults` takes back one (`?role=ears`) or all. Added for tests only;
 * the caller holds it to the key.
 */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { deepgramRefusal, openAiError, openAiRefusal } from './errors.ts';
import { clearSchema, type Fault, type Faults, faultSchema, spoiled } from './faults.ts';

/** Adds the routes. */
export function registerFaultsRoute(server: FastifyInstance, faults: Faults): void {
  server.post('/test/faults', async (request, reply) => {
    const parsed = faultSchema.safeParse(request.body);
    if (!parsed.success) return reply.code(400).send(openAiError(parsed.error.message));
    faults.order(parsed.data);
    return reply.code(204).send();
  });
  server.delete('/test/faults', async (request, reply) => {
    const parsed = clearSchema.safeParse(request.query);
    if (!parsed.success) return reply.code(400).send(openAiError(parsed.error.message));
    faults.clear(parsed.data.role);
    return reply.code(204).send();
  });
}

/** True when the fault is all that the client gets: an error in the provider's words, or nothing for ever. */
export function isAnsweredByFault(
  fault: Fault | undefined,
  faults: Faults,
  reply: FastifyReply,
  provider: 'openai' | 'deepgram',
): boolean {
  if (fault?.kind === 'hang') {
    reply.hijack();
    faults.hold(reply.raw.socket ?? reply.request.raw.socket);
    return true;
  }
  if (fault?.kind !== 'refuse') return false;
  const { status } = fault;
  const body = provider === 'openai' ? openAiRefusal(status) : deepgramRefusal(status, reply.request.id);
  void reply.code(status).send(body);
  return true;
}

/** Sends an answer in JSON with the fault in it. */
export function sendSpoiled(reply: FastifyReply, body: object, fault: Fault | undefined): FastifyReply {
  reply.type('application/json; charset=utf-8');
  const whole = Readable.from([JSON.stringify(body)]);
  return reply.send(Readable.from(spoiled(whole, fault, '{"'), { objectMode: false }));
}
