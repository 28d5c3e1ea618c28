/** How sure it is that somebody has said all that he wanted to say, from the silence and the words before it. Pure. */

/** After a whole sentence 0.7 is reached in a quarter of a second, after a beginning in 0.7 s. */
const WHOLE_SENTENCE_MS = 200;
const BEGINNING_MS = 600;

/** 0 while there is sound, towards 1 the longer the silence. */
export function turnEndConfidence(silenceMs: number, isWhole: boolean): number {
  return 1 - Math.exp(-silenceMs / (isWhole ? WHOLE_SENTENCE_MS : BEGINNING_MS));
}
