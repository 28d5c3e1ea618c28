import { describe, expect, it } from 'vitest';
import { withCaption } from '../../../src-shared/captions.ts';
import type { Caption } from '../../../src-shared/visit.ts';
import { CAPTIONS_SHOWN, mergedCaptions } from './captions.ts';

function caption(id: string, text: string, final = true): Caption {
  return { id, who: 'assistant', text, final };
}

describe('captions', () => {
  it('grow in place', () => {
    const first = withCaption(
      [caption('a', 'Hello'), caption('b', 'I')],
      caption('a', 'Hello there'),
      CAPTIONS_SHOWN,
    );
    expect(first.map(({ text }) => text)).toEqual(['Hello there', 'I']);
  });

  it('once final are not cut back by a late growing text', () => {
    const list = withCaption([caption('a', 'Hello there')], caption('a', 'Hel', false), CAPTIONS_SHOWN);
    expect(list).toEqual([caption('a', 'Hello there')]);
  });

  it('keep the history first and the newest text of each', () => {
    const merged = mergedCaptions(
      [caption('a', 'one'), caption('b', 'tw', false)],
      [caption('b', 'two'), caption('c', 'three')],
    );
    expect(merged.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
  });

  it('do not grow without end', () => {
    let list: Caption[] = [];
    for (let index = 0; index < 250; index += 1)
      list = withCaption(list, caption(String(index), 'x'), CAPTIONS_SHOWN);
    expect(list).toHaveLength(200);
    expect(list.at(-1)?.id).toBe('249');
  });
});
