/** What was heard of a stretch of the stream. Pure. */
import type { HeardWord } from './hypothesis.ts';
import type { Recognition } from './recogniser.ts';

/** Words with their times in seconds from the start of the stream. */
export interface Heard extends Recognition {
  /** Where the utterance's audio begins, and how far it was heard. */
  startMs: number;
  endMs: number;
}

/** A recogniser counts from the start of the utterance's audio; this from the start of the stream. */
export function placed({ words, confidence, source }: Recognition, startMs: number, endMs: number): Heard {
  const shift = (word: HeardWord) => ({
    ...word,
    start: word.start + startMs / 1000,
    end: word.end + startMs / 1000,
  });
  return { words: words.map(shift), confidence, source, startMs, endMs: Math.max(startMs, endMs) };
}
