/** `POST /v1/audio/transcriptions` as OpenAI's clients call it: a recording in a form, its words as JSON or text. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { openAiError } from '../errors.ts';
import { isAnsweredByFault, sendSpoiled } from '../faults-route.ts';
import { formatTranscript } from './hypothesis.ts';
import { LISTEN_SAMPLE_RATE } from './parameters.ts';
import { hearRecording, recordedSamples } from './recording-route.ts';
import type { ListenRouteOptions } from './route.ts';

const MODELS = ['whisper-1', 'gpt-4o-transcribe', 'gpt-4o-mini-transcribe'] as const;

const transcriptionRequest = z.object({
  file: z.instanceof(Blob, { error: 'a recording is needed' }),
  model: z.string(),
  language: z.string().default('en'),
  response_format: z.enum(['json', 'text', 'verbose_json']).default('json'),
});

/** Adds the route. */
export function registerTranscriptionRoute(
  server: FastifyInstance,
  { state, faults }: Pick<ListenRouteOptions, 'state' | 'faults'>,
): void {
  server.addContentTypeParser('multipart/form-data', { parseAs: 'buffer' }, (request, body, done) => {
    const headers = { 'content-type': request.headers['content-type'] ?? '' };
    new Response(new Uint8Array(body as Buffer), { headers }).formData().then(
      (form) => done(null, Object.fromEntries(form)),
      () => done(Object.assign(new Error('The form could not be read.'), { statusCode: 400 })),
    );
  });
  server.post('/v1/audio/transcriptions', async (request, reply) => {
    const refuse = (message: string, param: string, status = 400, code?: string) =>
      reply.code(status).send(openAiError(message, { param, ...(code && { code }) }));
    const parsed = transcriptionRequest.safeParse(request.body ?? {});
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      const param = issue?.path.join('.') || 'body';
      return refuse(`${param}: ${issue?.message ?? 'is wrong'}`, param);
    }
    const { file, model, language, response_format: format } = parsed.data;
    if (!MODELS.some((known) => known === model)) {
      return refuse(`The model \`${model}\` does not exist.`, 'model', 404, 'model_not_found');
    }
    if (!/^en(-|$)/i.test(language)) {
      return refuse(`The embedded ears understand English only, not language=${language}.`, 'language');
    }
    const now = state();
    if (!now.ready) return reply.code(503).send(openAiError(now.reason, { type: 'server_error' }));
    const fault = faults.take('ears');
    if (isAnsweredByFault(fault, faults, reply, 'openai')) return reply;
    let samples: Int16Array;
    try {
      samples = recordedSamples(new Uint8Array(await file.arrayBuffer()));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return refuse(`A WAV recording is needed here: ${reason}.`, 'file');
    }
    const heard = await hearRecording(now.recogniser, samples);
    const text = formatTranscript(heard.words.map((word) => word.word)).join(' ');
    if (format === 'text') return reply.type('text/plain; charset=utf-8').send(`${text}\n`);
    const duration = samples.length / LISTEN_SAMPLE_RATE;
    const words = heard.words.map(({ word, start, end }) => ({ word, start, end }));
    const whole = { task: 'transcribe', language: 'english', duration, text, words };
    return sendSpoiled(reply, format === 'json' ? { text } : whole, fault);
  });
}
