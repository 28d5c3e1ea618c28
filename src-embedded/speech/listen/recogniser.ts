/**
 * Turns the audio of one utterance into words. Two models: the domain model (our own phrases, right 98 times in 100 on
 * them) listens live; when what it heard is nothing anybody would say here, the utterance is decoded again with the
 * model of general English, so that off-topic speech is shown as what it was and never becomes a false command.
 */
import { DecoderPool } from './decoder.ts';
import { fluency, type HeardWord, meanConfidence } from './hypothesis.ts';
import type { SpeechModels } from './models.ts';

export interface Recognition {
  words: HeardWord[];
  confidence: number;
  /** Which model's words these are; `none` when no word was heard. */
  source: 'domain' | 'general' | 'none';
}

const UNHEARD: Recognition = { words: [], confidence: 0, source: 'none' };

export interface Utterance {
  write(pcm: Buffer): void;
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
/** The general model hears words in any noise; a worse guess than this is no transcript. */
const LEAST_GENERAL_CONFIDENCE = 0.05;

/** True when the domain model's words are something people say here. */
export function isBelievable(
  words: readonly HeardWord[],
  models: Pick<SpeechModels, 'languageModel'>,
): boolean {
  const names = words.map((heard) => heard.word);
  return (
    words.length > 0 &&
    meanConfidence(words) >= LEAST_DOMAIN_CONFIDENCE &&
    fluency(names, models.languageModel) >= LEAST_FLUENCY
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
    begin: () => beginUtterance(models, domain, general, secondHearings),
    async close() {
      await Promise.all([domain.close(), general.close()]);
    },
  };
}

function beginUtterance(
  models: SpeechModels,
  domain: DecoderPool,
  general: DecoderPool,
  secondHearings: { underWay: number },
): Utterance {
  const decoder = domain.take();
  general.warm();
  const audio: Buffer[] = [];
  return {
    write(pcm) {
      audio.push(pcm);
      decoder.write(pcm);
    },
    async finish() {
      const words = await decoder.finish();
      if (isBelievable(words, models)) return { words, confidence: meanConfidence(words), source: 'domain' };
      if (secondHearings.underWay >= SECOND_HEARINGS_AT_ONCE) return UNHEARD;
      secondHearings.underWay += 1;
      const heard = await hearAgain(general, Buffer.concat(audio)).finally(() => {
        secondHearings.underWay -= 1;
      });
      const confidence = meanConfidence(heard);
      if (heard.length === 0 || confidence < LEAST_GENERAL_CONFIDENCE) {
        return UNHEARD;
      }
      return { words: heard, confidence, source: 'general' };
    },
    discard: () => decoder.discard(),
  };
}

function hearAgain(general: DecoderPool, audio: Buffer): Promise<HeardWord[]> {
  const decoder = general.take();
  decoder.write(audio);
  return decoder.finish();
}
