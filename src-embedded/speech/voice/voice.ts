/**
 * The synthesiser as the rest of the gateway sees it: text in, pieces of mono 16-bit audio out, made on a worker thread
 * one after the other. A reader that goes away stops the work at the next piece.
 */
import { Worker } from 'node:worker_threads';
import { siblingModule } from '../../../src-runtime/sibling-module.ts';
import { RestTimer } from '../rest-timer.ts';
import type { SpeakAnswer, SpeakRequest } from './flite-worker.ts';
import { speakable } from './normalise.ts';
import { spokenPieces } from './sentences.ts';

export interface SpeakOptions {
  voice: string;
  /** 1 is the natural pace. */
  speed: number;
  /** Hertz of the samples given back. */
  sampleRate: number;
}

export interface Voice {
  /** Speaks a text piece by piece. Yields nothing for a text without words. */
  speak(text: string, options: SpeakOptions): AsyncGenerator<Int16Array>;
  /** Somebody will want to hear it soon: loads it if it rests. */
  warm(): void;
  close(): Promise<void>;
}

/** Flite takes 80 MB; between customers it is put away. Loading it again takes a quarter of a second. */
const REST_AFTER_MS = 60_000;

/** Opens the voice, lets it speak once so that a fault shows at the start, and puts it away until it is needed. */
export async function openVoice(): Promise<Voice> {
  let thread: SpeechThread | undefined;
  const rest = new RestTimer(REST_AFTER_MS, () => void putAway());
  const putAway = async () => {
    rest.stop();
    const ended = thread?.end();
    thread = undefined;
    await ended;
  };
  const awake = () => {
    rest.touch();
    if (!thread?.isUsable) thread = new SpeechThread();
    return thread;
  };
  await awake().speak('Ready.', { voice: 'slt', speed: 1, sampleRate: 24_000 });
  await putAway();
  return {
    async *speak(text, options) {
      for (const piece of spokenPieces(speakable(text))) yield await awake().speak(piece, options);
    },
    warm: () => void awake(),
    close: putAway,
  };
}

interface Waiting {
  resolve(samples: Int16Array): void;
  reject(error: Error): void;
}

/** One life of the worker thread that holds the synthesiser. */
class SpeechThread {
  readonly #worker = new Worker(siblingModule(import.meta.url, 'flite-worker'));
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #broken: Error | undefined;

  constructor() {
    this.#worker.on('message', (answer: SpeakAnswer) => {
      const entry = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ('error' in answer) entry?.reject(new Error(answer.error));
      else entry?.resolve(answer.samples);
    });
    this.#worker.on('error', (error) =>
      this.#break(error instanceof Error ? error : new Error(String(error))),
    );
    this.#worker.on('exit', () => this.#break(new Error('the speech worker has ended')));
  }

  get isUsable(): boolean {
    return !this.#broken;
  }

  speak(text: string, options: SpeakOptions): Promise<Int16Array> {
    if (this.#broken) return Promise.reject(this.#broken);
    const request: SpeakRequest = { id: this.#nextId, text, ...options };
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(request.id, { resolve, reject });
      this.#worker.postMessage(request);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #break(error: Error): void {
    this.#broken ??= error;
    for (const entry of this.#waiting.values()) entry.reject(error);
    this.#waiting.clear();
  }
}
