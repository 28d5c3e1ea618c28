/** `POST /v1/listen`: a whole WAV recording, as Deepgram's clients send it. */
import type { FastifyInstance } from 'fastify';
import { resample } from '../audio/resample.ts';
import { parseWav, pcmBytes } from '../audio/wav.ts';
import { deepgramError } from '../errors.ts';
import { isAnsweredByFault, sendSpoiled } from '../faults-route.ts';
import { alternative, metadata, WHOLE_SENTENCE } from './messages.ts';
import { LISTEN_SAMPLE_RATE, modelFault, wantsPunctuation } from './parameters.ts';
import type { Recogniser, Recognition } from './recogniser.ts';
import type { ListenRouteOptions } from './route.ts';

/** Adds the POST. */
export function registerRecordingRoute(
  server: FastifyInstance,
  { state, faults }: Pick<ListenRouteOptions, 'state' | 'faults'>,
): void {
  server.addContentTypeParser(/^audio\//, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.post('/v1/listen', async (request, reply) => {
    const query = new URL(request.url, 'http://localhost').searchParams;
    const refuse = (status: number, code: string, message: string) =>
      reply.code(status).send(deepgramError(code, message, request.id));
    const fault = modelFault(query);
    if (fault) return refuse(400, 'Bad Request', `Bad Request: ${fault}`);
    const now = state();
    if (!now.ready) return refuse(503, 'SERVICE_UNAVAILABLE', now.reason);
    const ordered = faults.take('ears');
    if (isAnsweredByFault(ordered, faults, reply, 'deepgram')) return reply;
    let samples: Int16Array;
    try {
      samples = recordedSamples(request.body as Buffer);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return refuse(
        400,
        'Bad Request',
        `Bad Request: failed to process audio: a WAV recording is needed: ${reason}`,
      );
    }
    const heard = await hearRecording(now.recogniser, samples);
    const punctuate = wantsPunctuation(query) ? WHOLE_SENTENCE : undefined;
    const answer = {
      metadata: metadata(request.id, samples.length / LISTEN_SAMPLE_RATE),
      results: { channels: [{ alternatives: [alternative(heard, punctuate)] }] },
    };
    return sendSpoiled(reply, answer, ordered);
  });
}

/**
 * The samples of a WAV file at the recogniser's rate.
 * @throws Error when it is no such file, or has more than one channel
 */
export function recordedSamples(file: Uint8Array): Int16Array {
  const audio = parseWav(file);
  if (audio.channels !== 1) throw new Error('only one channel is read here');
  return resample(audio.samples, audio.sampleRate, LISTEN_SAMPLE_RATE);
}

/** What a whole recording says, as one utterance. */
export function hearRecording(recogniser: Recogniser, samples: Int16Array): Promise<Recognition> {
  const utterance = recogniser.begin();
  utterance.write(pcmBytes(samples));
  return utterance.finish();
}
