import { describe, expect, it } from 'vitest';
import { PACKAGES } from '../preview/snapshots.ts';
import { cheapest, choices } from './package-figures.ts';

describe('packages on the screen', () => {
  it('are at most five, cheapest first', () => {
    const many = [...PACKAGES, ...PACKAGES].reverse();
    const shown = choices(many);
    expect(shown).toHaveLength(5);
    expect(shown.map((tier) => tier.priceCents)).toEqual([999, 999, 4499, 4499, 7999]);
  });

  it('knows the cheapest, and that there may be none', () => {
    expect(cheapest([...PACKAGES].reverse())?.id).toBe('starter');
    expect(cheapest([])).toBeUndefined();
  });
});
