/** What was said, as the page shows it: what the station remembers and what the page has heard itself. Pure. */
import { withCaption } from '../../../src-shared/captions.ts';
import type { Caption } from '../../../src-shared/visit.ts';

/** A person can't read more at once, and the station keeps the history. */
export const CAPTIONS_SHOWN = 200;

/** What the station remembers first, then what only the page has heard so far. The page's text wins where both have it. */
export function mergedCaptions(history: readonly Caption[], heard: readonly Caption[]): Caption[] {
  let merged = history.slice(-CAPTIONS_SHOWN);
  for (const caption of heard) merged = withCaption(merged, caption, CAPTIONS_SHOWN);
  return merged;
}
