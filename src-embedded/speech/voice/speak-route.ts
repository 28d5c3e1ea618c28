/** `POST /v1/speak` as Deepgram's clients call it for Aura-2: the sound is streamed while it is made. */
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { deepgramError } from '../errors.ts';
import type { Faults } from '../faults.ts';
import { isAnsweredByFault } from '../faults-route.ts';
import { soundBytes } from './sound-bytes.ts';
import { spoiledSound } from './spoiled-sound.ts';
import type { Voice } from './voice.ts';

/** Longest text Deepgram takes in one request. */
const TEXT_CHARACTERS = 2_000;

const speakQuery = z.object({
  model: z
    .string()
    .regex(/^aura-2-[a-z]+-(en|es|de|fr|nl|it|ja)$/, 'No such model/language/tier combination found.'),
  encoding: z.literal('linear16', 'The embedded voice makes linear16 only.').default('linear16'),
  container: z.enum(['none', 'wav']).default('wav'),
  sample_rate: z.coerce
    .number()
    .pipe(z.literal([8_000, 16_000, 24_000, 32_000, 48_000]))
    .default(24_000),
});
const speakBody = z.object({ text: z.string().min(1).max(TEXT_CHARACTERS) });

/** Adds the route; `voice` is shared by all requests. */
export function registerSpeakRoute(server: FastifyInstance, voice: Voice, faults: Faults): void {
  server.post('/v1/speak', async (request, reply) => {
    const query = speakQuery.safeParse(request.query);
    const body = speakBody.safeParse(request.body);
    const issue = query.error?.issues[0] ?? body.error?.issues[0];
    if (!query.success || !body.success) {
      const message = `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'is wrong'}`;
      return reply.code(400).send(deepgramError('Bad Request', message, request.id));
    }
    const { container, sample_rate: sampleRate } = query.data;
    const fault = faults.take('voice');
    if (isAnsweredByFault(fault, faults, reply, 'deepgram')) return reply;
    const pieces = voice.speak(body.data.text, { voice: 'slt', speed: 1, sampleRate });
    // The first piece is made before the headers leave, so that a failing synthesiser is an error, not a cut-off sound.
    const first = await pieces.next();
    const isWav = container === 'wav';
    reply.header('content-type', isWav ? 'audio/wav' : 'audio/l16');
    reply.header('dg-model-name', query.data.model).header('dg-char-count', body.data.text.length);
    const bytes = soundBytes(first, pieces, isWav ? sampleRate : undefined);
    return reply.send(Readable.from(spoiledSound(bytes, sampleRate, fault), { objectMode: false }));
  });
}
