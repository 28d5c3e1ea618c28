/**
 * Worker thread that holds the compiled synthesiser, so that speaking never stops the event loop of the gateway
 * (a sentence takes 20-70 ms). One request at a time, answered by id.
 */
import { parentPort } from 'node:worker_threads';
import { resample } from '../audio/resample.ts';
import { openFlite } from './flite-wasi.ts';

export interface SpeakRequest {
  id: number;
  text: string;
  voice: string;
  speed: number;
  sampleRate: number;
}

export type SpeakAnswer = { id: number; samples: Int16Array } | { id: number; error: string };

const port = parentPort;
if (!port) throw new Error('flite-worker.ts runs only as a worker thread');

const flite = openFlite();

port.on('message', (request: SpeakRequest) => {
  void answer(request).then((result) => {
    port.postMessage(result, 'samples' in result ? [result.samples.buffer as ArrayBuffer] : []);
  });
});

async function answer(request: SpeakRequest): Promise<SpeakAnswer> {
  try {
    const audio = (await flite).speak(request.text, { voice: request.voice, speed: request.speed });
    return { id: request.id, samples: resample(audio.samples, audio.sampleRate, request.sampleRate) };
  } catch (error) {
    return { id: request.id, error: error instanceof Error ? error.message : String(error) };
  }
}
