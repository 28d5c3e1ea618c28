import { describe, expect, it } from 'vitest';
import { durationParts, spokenDuration } from './duration.ts';

describe('durations for people', () => {
  it.each([
    [0, '0 seconds'],
    [1, '1 second'],
    [61, '1 minute and 1 second'],
    [119, '1 minute and 59 seconds'],
    [120, '2 minutes'],
    [3599, '59 minutes'],
    [3600, '1 hour'],
    [3900, '1 hour and 5 minutes'],
    [19_800, '5 hours and 30 minutes'],
  ])('says %i seconds as "%s"', (seconds, words) => expect(spokenDuration(seconds)).toBe(words));

  it('never rounds up to time that is not there', () => {
    expect(durationParts(179)).toEqual({ hours: 0, minutes: 2, seconds: 0 });
  });

  it('refuses what is not a whole number of seconds', () => {
    expect(() => durationParts(-1)).toThrow(RangeError);
    expect(() => durationParts(1.5)).toThrow(RangeError);
  });
});
