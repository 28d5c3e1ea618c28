/**
 * Pocketsphinx processes: one utterance each, started ahead of time so that the model is loaded when speech comes. The
 * decoder hears the audio while it is spoken, so only the end of it is left to do when the utterance is over.
 * Nothing is written to disk: audio goes in by a pipe, words come out by another. A decoder whose gateway dies sees the
 * end of its pipe and ends too.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { RestTimer } from '../rest-timer.ts';
import { type HeardWord, parseDecoderOutput } from './hypothesis.ts';

/** `cat` stands between because node gives children sockets, and a socket can't be opened as /dev/stdin. */
const PIPE_SCRIPT = 'cat | "$0" "$@"';
/** A decoder that says nothing for so long after the end of an utterance is given up (on a busy machine the general
 * model alone takes seconds to load). */
const FINISH_TIMEOUT_MS = 12_000;

export interface DecoderModel {
  binary: string;
  acousticModelDir: string;
  dictionaryPath: string;
  languageModelPath: string;
}

export class Decoder {
  readonly #child: ChildProcess;
  readonly #output: Promise<string>;
  #ended = false;

  constructor(model: DecoderModel) {
    this.#child = spawn(
      '/bin/sh',
      [
        '-c',
        PIPE_SCRIPT,
        model.binary,
        ...['-hmm', model.acousticModelDir, '-dict', model.dictionaryPath, '-lm', model.languageModelPath],
        // Silence removal would let the decoder cut utterances by its own rule; the endpointer does that.
        ...['-remove_silence', 'no', '-infile', '/dev/stdin', '-time', 'yes', '-logfn', '/dev/null'],
      ],
      { stdio: ['pipe', 'pipe', 'ignore'] },
    );
    // A broken pipe shows as an early end of output; there is nothing more to learn from the error itself.
    this.#child.stdin?.on('error', () => undefined);
    this.#output = new Promise((resolve, reject) => {
      let text = '';
      this.#child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      this.#child.once('error', reject);
      this.#child.once('close', (code) => {
        this.#ended = true;
        if (code === 0) resolve(text);
        else reject(new Error(`pocketsphinx ended with status ${code}`));
      });
    });
    // A spare that dies before its turn is found by `usable`; no one waits for its output.
    this.#output.catch(() => undefined);
  }

  get usable(): boolean {
    return !this.#ended;
  }

  /** Little-endian 16-bit mono samples at 16 kHz. */
  write(pcm: Buffer): void {
    if (!this.#ended) this.#child.stdin?.write(pcm);
  }

  /**
   * Ends the utterance and gives its words.
   * @throws Error when the decoder fails or says nothing in time
   */
  async finish(timeoutMs: number = FINISH_TIMEOUT_MS): Promise<HeardWord[]> {
    this.#child.stdin?.end();
    const late = Promise.withResolvers<string>();
    const timer = setTimeout(() => {
      this.#child.kill('SIGKILL');
      late.reject(new Error('pocketsphinx did not answer in time'));
    }, timeoutMs);
    try {
      return parseDecoderOutput(await Promise.race([this.#output, late.promise]));
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends it unheard; resolves when the process is gone. */
  async discard(): Promise<void> {
    this.#child.stdin?.destroy();
    await this.#output.catch(() => undefined);
  }
}

/** Keeps `size` decoders of one model ready, always or only while somebody talks; one is used up per utterance. */
export class DecoderPool {
  readonly #model: DecoderModel;
  readonly #size: number;
  readonly #rest: RestTimer | undefined;
  #spares: Decoder[] = [];
  #closed = false;

  /** With `restAfterMs`: none is kept until `warm`, nor when none was wanted for so long. */
  constructor(model: DecoderModel, size: number, restAfterMs?: number) {
    this.#model = model;
    this.#size = size;
    if (restAfterMs) this.#rest = new RestTimer(restAfterMs, () => void this.#discardSpares());
    else this.#refill();
  }

  /** One will be wanted soon. */
  warm(): void {
    this.#rest?.touch();
    this.#refill();
  }

  /** A decoder whose model is loaded, or nearly so. */
  take(): Decoder {
    const taken = this.#spares.find((spare) => spare.usable) ?? new Decoder(this.#model);
    this.#spares = this.#spares.filter((spare) => spare !== taken && spare.usable);
    this.warm();
    return taken;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#rest?.stop();
    await this.#discardSpares();
  }

  async #discardSpares(): Promise<void> {
    const spares = this.#spares;
    this.#spares = [];
    await Promise.all(spares.map((spare) => spare.discard()));
  }

  #refill(): void {
    while (!this.#closed && this.#spares.length < this.#size) this.#spares.push(new Decoder(this.#model));
  }
}
