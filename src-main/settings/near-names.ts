/** Finds misspelt settings: `STRIPE_SECERT_KEY` is not a name of another program but ours with two letters swapped. */

/** Letters that may be missing, too many, wrong or swapped in a long name; in a short one half of that. */
const SLIPS = 2;
const LONG_NAME_LETTERS = 8;

/**
 * Each name of `given` that is unknown but close to a known one that is not given itself, with that one. A name whose
 * right form is given too is somebody's spare copy and no mistake.
 */
export function misspelt(
  given: readonly string[],
  known: readonly string[],
): [name: string, meant: string][] {
  const isGiven = new Set(given);
  const isKnown = new Set(known);
  const absent = known.filter((name) => !isGiven.has(name));
  return given
    .filter((name) => !isKnown.has(name))
    .flatMap((name): [string, string][] => {
      const [meant] = absent
        .map((candidate) => ({ candidate, slips: slipsBetween(plain(name), candidate) }))
        .filter(
          ({ candidate, slips }) => slips <= (candidate.length >= LONG_NAME_LETTERS ? SLIPS : SLIPS / 2),
        )
        .sort((a, b) => a.slips - b.slips);
      return meant ? [[name, meant.candidate]] : [];
    });
}

/** `stripe-secret.key` is meant as `STRIPE_SECRET_KEY`. */
function plain(name: string): string {
  return name.toUpperCase().replace(/[-. ]/g, '_');
}

/** How many letters must be added, left out, changed or swapped with their neighbour (optimal string alignment). */
function slipsBetween(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > SLIPS) return SLIPS + 1;
  const columns = [...b].map((_, index) => index + 1);
  let beforeLast: number[] = [];
  let last = [0, ...columns];
  for (let row = 1; row <= a.length; row++) {
    const present = [row];
    for (const column of columns) {
      const isSwapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const costs = [
        (last[column] ?? 0) + 1,
        (present[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1),
        ...(isSwapped ? [(beforeLast[column - 2] ?? 0) + 1] : []),
      ];
      present.push(Math.min(...costs));
    }
    [beforeLast, last] = [last, present];
  }
  return last[b.length] ?? 0;
}
