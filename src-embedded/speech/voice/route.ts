/** `POST /v1/audio/speech` as OpenAI's clients call it: the reply is streamed piece by piece while it is spoken. */
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { openAiError } from '../errors.ts';
import type { Faults } from '../faults.ts';
import { isAnsweredByFault } from '../faults-route.ts';
import { soundBytes } from './sound-bytes.ts';
import { spoiledSound } from './spoiled-sound.ts';
import type { Voice } from './voice.ts';

/** OpenAI's speech rate: clients take `pcm` for 24 kHz mono without asking. */
const SAMPLE_RATE = 24_000;
/** Longest input OpenAI takes. */
const INPUT_CHARACTERS = 4096;
/** OpenAI's voice names all speak with flite's best voice, so that a configured name never fails. */
const VOICES = new Set(
  'slt alloy ash ballad coral echo fable onyx nova sage shimmer verse marin cedar'.split(' '),
);

const speechRequest = z.object({
  input: z.string().min(1).max(INPUT_CHARACTERS),
  model: z.string().min(1),
  voice: z.string().min(1),
  response_format: z.enum(['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm']).default('mp3'),
  speed: z.number().min(0.25).max(4).default(1),
});

/** Adds the route; `voice` is shared by all requests. */
export function registerSpeechRoute(server: FastifyInstance, voice: Voice, faults: Faults): void {
  server.post('/v1/audio/speech', async (request, reply) => {
    const parsed = speechRequest.safeParse(request.body);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      const param = issue?.path.join('.') || 'body';
      return reply.code(400).send(openAiError(`${param}: ${issue?.message ?? 'is wrong'}`, { param }));
    }
    const { input, response_format: format, speed } = parsed.data;
    if (format !== 'pcm' && format !== 'wav') {
      const message = `The embedded voice makes 'pcm' (24 kHz, 16 bit, mono) and 'wav' only, not '${format}': set response_format.`;
      return reply
        .code(400)
        .send(openAiError(message, { param: 'response_format', code: 'unsupported_value' }));
    }
    if (!VOICES.has(parsed.data.voice)) {
      const message = `There is no voice '${parsed.data.voice}' here; use one of ${[...VOICES].join(', ')}.`;
      return reply.code(400).send(openAiError(message, { param: 'voice', code: 'unsupported_value' }));
    }
    const fault = faults.take('voice');
    if (isAnsweredByFault(fault, faults, reply, 'openai')) return reply;
    const pieces = voice.speak(input, { voice: 'slt', speed, sampleRate: SAMPLE_RATE });
    // The first piece is made before the headers leave, so that a failing synthesiser is an error, not a cut-off sound.
    const first = await pieces.next();
    reply.header('content-type', format === 'wav' ? 'audio/wav' : 'audio/pcm');
    const bytes = soundBytes(first, pieces, format === 'wav' ? SAMPLE_RATE : undefined);
    return reply.send(Readable.from(spoiledSound(bytes, SAMPLE_RATE, fault), { objectMode: false }));
  });
}
