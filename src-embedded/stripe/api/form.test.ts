import { describe, expect, it } from 'vitest';
import { decodeForm, FormError } from './form.ts';

/** Plain objects, so that toEqual sees no difference in prototypes. */
const plain = (text: string): unknown => JSON.parse(JSON.stringify(decodeForm(text)));

describe('decodeForm', () => {
  it('reads nesting, lists by number and lists by order', () => {
    expect(plain('a=1&b[c]=2&b[d][e]=3&l[0][x]=4&l[1][x]=5&m[]=6&m[]=7')).toEqual({
      a: '1',
      b: { c: '2', d: { e: '3' } },
      l: { 0: { x: '4' }, 1: { x: '5' } },
      m: { 0: '6', 1: '7' },
    });
  });

  it('decodes escapes, plus signs and empty values', () => {
    expect(plain('metadata%5Bna%20me%5D=G%C3%BC+te&empty=')).toEqual({
      metadata: { 'na me': 'Gü te' },
      empty: '',
    });
    expect(plain('')).toEqual({});
  });

  it.each(['a[b=1', 'a]b[=1', '[a]=1', 'a[b]c=1', 'a=1&a[b]=2', 'a[b]=2&a=1', 'a[b][c][d][e][f][g][h][i]=1'])(
    'refuses %s',
    (text) => {
      expect(() => decodeForm(text)).toThrow(FormError);
    },
  );

  it('does not let a name reach into prototypes', () => {
    for (const name of [
      '__proto__[polluted]',
      'a[__proto__][polluted]',
      'constructor[prototype][polluted]',
    ]) {
      expect(() => decodeForm(`${encodeURIComponent(name)}=1`)).toThrow(FormError);
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});
