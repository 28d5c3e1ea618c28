/**
 * The captions of a talk, in the order in which they began; one rule for the page and the station. Promise: a final
 * text is never replaced by a shorter or an unfinished one, in whatever order its parts arrive. Pure: every change
 * gives a new list.
 */
import type { Caption } from './visit.ts';

/**
 * The list with this caption in it: new at the end, or grown in its place.
 * @param keep the most captions in the list, 1 or more; the oldest go first
 */
export function withCaption(captions: readonly Caption[], caption: Caption, keep: number): Caption[] {
  const at = captions.findIndex(({ id }) => id === caption.id);
  if (at < 0) return [...captions, caption].slice(-keep);
  const known = captions[at];
  return known && isLate(known, caption) ? [...captions] : captions.with(at, caption);
}

/** The newest captions that fit into `bytes` of JSON together, in their order: what is handed on of a long talk. */
export function newestWithin(captions: readonly Caption[], bytes: number): Caption[] {
  let left = bytes;
  const tooOld = captions.findLastIndex((caption) => {
    left -= new TextEncoder().encode(`${JSON.stringify(caption)},`).byteLength;
    return left < 0;
  });
  return captions.slice(tooOld + 1);
}

/** A part of a sentence that was overtaken by its end. */
function isLate(known: Caption, caption: Caption): boolean {
  return known.final && (!caption.final || caption.text.length < known.text.length);
}
