/** Messages of Deepgram's streaming protocol, as its clients read them. Pure. */
import { formatTranscript, type TranscriptPlace } from './hypothesis.ts';
import type { Recognition } from './recogniser.ts';

const MODEL_NAME = 'pocketsphinx-en-us';

export interface ResultOptions {
  requestId: string;
  /** Seconds from the start of the stream to the start of the stretch. */
  startSeconds: number;
  durationSeconds: number;
  isFinal: boolean;
  speechFinal: boolean;
  fromFinalize: boolean;
  punctuate: Punctuation;
}

/** Capital letters and a closing mark, as `punctuate` or `smart_format` ask for, for words at this place; or none. */
export type Punctuation = TranscriptPlace | undefined;

export const WHOLE_SENTENCE: TranscriptPlace = { begins: true, ends: true };

export function speechStarted(atSeconds: number): object {
  return { type: 'SpeechStarted', channel: [0, 1], timestamp: atSeconds };
}

export function utteranceEnd(lastWordEndSeconds: number): object {
  return { type: 'UtteranceEnd', channel: [0, 1], last_word_end: lastWordEndSeconds };
}

/** One hypothesis of a stretch of the stream; word times count from the start of the stream. */
export function results(heard: Recognition, options: ResultOptions): object {
  return {
    type: 'Results',
    channel_index: [0, 1],
    start: round(options.startSeconds),
    duration: round(options.durationSeconds),
    is_final: options.isFinal,
    speech_final: options.speechFinal,
    from_finalize: options.fromFinalize,
    channel: { alternatives: [alternative(heard, options.punctuate)] },
    metadata: {
      request_id: options.requestId,
      model_info: { name: MODEL_NAME, version: '5prealpha', arch: heard.source },
    },
  };
}

/** One reading of the audio with its words. */
export function alternative(heard: Recognition, punctuate: Punctuation) {
  const plain = heard.words.map((word) => word.word);
  const shown = formatTranscript(plain, punctuate ?? WHOLE_SENTENCE);
  return {
    transcript: (punctuate ? shown : plain).join(' '),
    confidence: round(heard.confidence),
    words: heard.words.map((word, index) => ({
      word: word.word,
      start: round(word.start),
      end: round(word.end),
      confidence: round(word.confidence),
      ...(punctuate ? { punctuated_word: shown[index] ?? word.word } : {}),
    })),
  };
}

/** Closes a stream, or heads the answer for a whole recording. */
export function metadata(requestId: string, durationSeconds: number): object {
  return {
    type: 'Metadata',
    transaction_key: 'deprecated',
    request_id: requestId,
    created: new Date().toISOString(),
    duration: round(durationSeconds),
    channels: 1,
    models: [MODEL_NAME],
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
