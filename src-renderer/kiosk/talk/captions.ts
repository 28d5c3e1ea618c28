/**
 * The captions of a talk, in the order in which they began. Grows texts by id, keeps what was said in earlier legs and
 * before a reload. Pure: every change gives a new list.
 */
import type { Caption } from '../../../src-shared/visit.ts';

/** A person can't read more at once, and the station keeps the history. */
const KEPT = 200;

/** The list with this caption new or grown in place; an older, still growing text never replaces a final one. */
export function withCaption(captions: readonly Caption[], caption: Caption): Caption[] {
  const at = captions.findIndex(({ id }) => id === caption.id);
  if (at < 0) return [...captions, caption].slice(-KEPT);
  const present = captions[at];
  if (present?.final && !caption.final) return [...captions];
  return captions.with(at, caption);
}

/** What the station remembers first, then what only the page has heard so far. The page's text wins where both have it. */
export function mergedCaptions(history: readonly Caption[], heard: readonly Caption[]): Caption[] {
  let merged = [...history];
  for (const caption of heard) merged = withCaption(merged, caption);
  return merged;
}
