/**
 * Turns the audio of one utterance into words. Two models: the domain model (our own phrases, right 98 times in 100 on
 * them) listens live; when what it heard is nothing anybody would say here, the utterance is decoded again with the
 * model of general English, so that off-topic speech is shown as what it was and never becomes a false command. What is
 * heard before the end comes from the domain model alone: the other takes seconds.
 */
import { type Decoder, DecoderPool } from './decoder.ts';
import { fluency, type HeardWord, isWholeSentence, meanConfidence } from './hypothesis.ts';
import type { SpeechModels } from './models.ts';

export interface Recognition {
  words: HeardWord[];
  confidence: number;
  /** Which model's words these are; `none` when no word was heard. */
  source: 'domain' | 'general' | 'none';
}

const UNHEARD: Recognition = { words: [], confidence: 0, source: 'none' };

/** What was heard so far of an utterance that may go on. */
export interface PartialRecognition extends Recognition {
  /** People often say no more than this. */
  isWhole: boolean;
}

export interface Utterance {
  write(pcm: Buffer): void;
  /** The words so far, by another decoder that hears it all anew; undefined when they are not to be believed. */
  soFar(): Promise<PartialRecognition | undefined>;
  /**
   * The words up to this silence, from the decoder that listens, and so at once; undefined when they are not to be
   * believed. What is written after it is heard only after `resume`.
   */
  pause(): Promise<PartialRecognition | undefined>;
  /** The speech goes on after a pause: a new decoder hears it from its beginning, so that it keeps the context. */
  resume(): void;
  finish(): Promise<Recognition>;
  discard(): Promise<void>;
}

export interface Recogniser {
  /** Somebody will talk soon: loads what rests. */
  warm(): void;
  begin(): Utterance;
  close(): Promise<void>;
}

/** Below this mean log10 probability a word the domain model's hearing is disbelieved (measured, see the tests). */
const LEAST_FLUENCY = -1.75;
/** Least mean confidence of a hearing by the domain model. */
const LEAST_DOMAIN_CONFIDENCE = 0.45;
/** The same before the end of an utterance: what is told then can't be heard again by the other model. */
const LEAST_EARLY_CONFIDENCE = 0.6;
/** The general model hears words in any noise; a worse guess than this is no transcript. */
const LEAST_GENERAL_CONFIDENCE = 0.05;

/** True when the domain model's words are something people say here. */
export function isBelievable(
  words: readonly HeardWord[],
  models: Pick<SpeechModels, 'languageModel'>,
  isOver = true,
): boolean {
  const names = words.map((heard) => heard.word);
  return (
    words.length > 0 &&
    meanConfidence(words) >= LEAST_DOMAIN_CONFIDENCE &&
    fluency(names, models.languageModel, isOver) >= LEAST_FLUENCY
  );
}

/**
 * Second hearings at one time. Each takes 100 MB and a core for seconds: in a hall full of noise they would starve the
 * rest of the station, so what comes on top of these is taken for noise.
 */
const SECOND_HEARINGS_AT_ONCE = 2;

/** Between customers the general model is put away; it loads again while the next one is greeted. */
const REST_AFTER_MS = 60_000;

/** Keeps two decoders of the small domain model (15 MB each) and, while somebody talks, one of the general (100 MB). */
export function openRecogniser(models: SpeechModels): Recogniser {
  const domain = new DecoderPool(models.domain, 2);
  const general = new DecoderPool(models.general, 1, REST_AFTER_MS);
  const secondHearings = { underWay: 0 };
  return {
    warm: () => general.warm(),
    begin: () => new LiveUtterance({ models, domain, general, secondHearings }),
    async close() {
      await Promise.all([domain.close(), general.close()]);
    },
  };
}

/** A decoder that hears the sound break off loses the last word: at a pause it hears 0.2 s of silence, 16 kHz. */
const SILENCE_AT_PAUSE = Buffer.alloc(2 * 3_200);

interface Shared {
  models: SpeechModels;
  domain: DecoderPool;
  general: DecoderPool;
  secondHearings: { underWay: number };
}

class LiveUtterance implements Utterance {
  readonly #shared: Shared;
  readonly #audio: Buffer[] = [];
  /** Undefined from a pause until speech goes on. */
  #decoder: Decoder | undefined;
  #atPause: Promise<HeardWord[]> | undefined;

  constructor(shared: Shared) {
    this.#shared = shared;
    this.#decoder = shared.domain.take();
    shared.general.warm();
  }

  write(pcm: Buffer): void {
    this.#audio.push(pcm);
    this.#decoder?.write(pcm);
  }

  async soFar(): Promise<PartialRecognition | undefined> {
    return this.#believed(await hearAnew(this.#shared.domain, this.#audio).finish());
  }

  async pause(): Promise<PartialRecognition | undefined> {
    this.#decoder?.write(SILENCE_AT_PAUSE);
    return this.#believed(await this.#domainWords());
  }

  resume(): void {
    if (this.#decoder) return;
    this.#atPause = undefined;
    this.#decoder = hearAnew(this.#shared.domain, this.#audio);
  }

  async finish(): Promise<Recognition> {
    const { models, general, secondHearings } = this.#shared;
    const words = await this.#domainWords();
    if (isBelievable(words, models)) return { words, confidence: meanConfidence(words), source: 'domain' };
    if (secondHearings.underWay >= SECOND_HEARINGS_AT_ONCE) return UNHEARD;
    secondHearings.underWay += 1;
    const heard = await hearAnew(general, this.#audio)
      .finish()
      .finally(() => {
        secondHearings.underWay -= 1;
      });
    const confidence = meanConfidence(heard);
    if (heard.length === 0 || confidence < LEAST_GENERAL_CONFIDENCE) return UNHEARD;
    return { words: heard, confidence, source: 'general' };
  }

  async discard(): Promise<void> {
    await this.#decoder?.discard();
  }

  /** All that the domain model heard up to now; asked again it is not decoded again. */
  #domainWords(): Promise<HeardWord[]> {
    this.#atPause ??= this.#decoder?.finish() ?? Promise.resolve([]);
    this.#decoder = undefined;
    return this.#atPause;
  }

  #believed(words: HeardWord[]): PartialRecognition | undefined {
    const { models } = this.#shared;
    if (meanConfidence(words) < LEAST_EARLY_CONFIDENCE) return undefined;
    const isSentence = isBelievable(words, models);
    if (!isSentence && !isBelievable(words, models, false)) return undefined;
    const names = words.map((heard) => heard.word);
    const isWhole = isSentence && isWholeSentence(names, models.languageModel);
    return { words, confidence: meanConfidence(words), source: 'domain', isWhole };
  }
}

function hearAnew(pool: DecoderPool, audio: readonly Buffer[]): Decoder {
  const decoder = pool.take();
  decoder.write(Buffer.concat(audio));
  return decoder;
}
