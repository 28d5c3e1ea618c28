import { describe, expect, it } from 'vitest';
import { LOCALES } from '../../../src-shared/visit.ts';
import { layoutFor, withKey } from './typing.ts';

describe('keys of the page', () => {
  it.each(LOCALES)('%s has the same keys in both layers, none twice', (locale) => {
    const { default: small, shift } = layoutFor(locale);
    expect(shift).toHaveLength(small.length);
    const keys = small.join(' ').split(' ');
    expect(new Set(keys).size).toBe(keys.length);
    expect(small.at(-1)).toContain('{space}');
  });

  it('types, erases and leaves a space where the caret stands', () => {
    expect(withKey('helo', 3, 'l')).toEqual({ text: 'hello', caret: 4 });
    expect(withKey('hello', 5, '{bksp}')).toEqual({ text: 'hell', caret: 4 });
    expect(withKey('👋', 2, '{bksp}')).toEqual({ text: '', caret: 0 });
    expect(withKey('ab', 1, '{space}')).toEqual({ text: 'a b', caret: 2 });
    expect(withKey('', 0, '{bksp}')).toEqual({ text: '', caret: 0 });
    expect(withKey('ab', 2, '{tab}')).toEqual({ text: 'ab', caret: 2 });
  });
});
