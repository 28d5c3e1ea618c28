/**
 * Time as people say it: `1 h 5 min`; seconds only under two minutes. For the screen, the receipt and the
 * voice alike, so that they never disagree.
 */

export interface DurationParts {
  hours: number;
  minutes: number;
  /** Zero when the duration is two minutes or more. */
  seconds: number;
}

const SECONDS_SHOWN_BELOW = 120;

/**
 * Splits whole seconds for display. From two minutes up, seconds are cut off (never rounded up: the screen must not
 * promise time that is not there).
 * @throws RangeError for a negative or fractional number
 */
export function durationParts(totalSeconds: number): DurationParts {
  if (!Number.isInteger(totalSeconds) || totalSeconds < 0) {
    throw new RangeError(`a duration is a whole number of seconds, 0 or more, not ${totalSeconds}`);
  }
  return {
    hours: Math.floor(totalSeconds / 3600),
    minutes: Math.floor((totalSeconds % 3600) / 60),
    seconds: totalSeconds < SECONDS_SHOWN_BELOW ? totalSeconds % 60 : 0,
  };
}

/** English in words, for the voice and its transcript: `1 hour and 5 minutes`, `45 seconds`. */
export function spokenDuration(totalSeconds: number): string {
  const { hours, minutes, seconds } = durationParts(totalSeconds);
  const words = [plural(hours, 'hour'), plural(minutes, 'minute'), plural(seconds, 'second')].filter(Boolean);
  if (words.length === 0) return '0 seconds';
  return words.length === 1 ? String(words[0]) : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function plural(count: number, unit: string): string {
  if (count === 0) return '';
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
