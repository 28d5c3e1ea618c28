import { describe, expect, it } from 'vitest';
import { newestWithin, withCaption } from './captions.ts';
import type { Caption } from './visit.ts';

const KEEP = 10;

function caption(id: string, text: string, final = true): Caption {
  return { id, who: 'assistant', text, final };
}

const texts = (captions: readonly Caption[]) => captions.map(({ text }) => text);

describe('captions', () => {
  it('stand in the order in which they began, and grow in their place', () => {
    let list = withCaption([], caption('a', 'Hel', false), KEEP);
    list = withCaption(list, caption('b', 'I am here'), KEEP);
    list = withCaption(list, caption('a', 'Hello there'), KEEP);
    expect(texts(list)).toEqual(['Hello there', 'I am here']);
  });

  it('once final, are not un-finished by a part that arrives late', () => {
    const final = [caption('a', 'Hello there')];
    expect(withCaption(final, caption('a', 'Hel', false), KEEP)).toEqual(final);
    expect(withCaption(final, caption('a', 'Hello there, and more', false), KEEP)).toEqual(final);
  });

  it('once final, are not cut back by a shorter final text', () => {
    const final = [caption('a', 'Hello there')];
    expect(withCaption(final, caption('a', 'Hello'), KEEP)).toEqual(final);
  });

  it('take a final text that is longer, or the same length and put right', () => {
    expect(texts(withCaption([caption('a', 'Hallo')], caption('a', 'Hello'), KEEP))).toEqual(['Hello']);
    expect(texts(withCaption([caption('a', 'Hello')], caption('a', 'Hello there'), KEEP))).toEqual([
      'Hello there',
    ]);
  });

  it('not final yet, may become shorter: the recogniser thought better of it', () => {
    const heard = withCaption([caption('a', 'whether', false)], caption('a', 'the'), KEEP);
    expect(heard).toEqual([caption('a', 'the')]);
  });

  it('are kept up to a limit, the newest of them', () => {
    let list: Caption[] = [];
    for (let index = 0; index < 12; index += 1) list = withCaption(list, caption(String(index), 'x'), KEEP);
    expect(list).toHaveLength(KEEP);
    expect(list.at(-1)?.id).toBe('11');
  });

  it('are handed on as far as they fit, the newest of them, counted in bytes', () => {
    const list = ['one', 'two', 'drei Äpfel', 'أربعة'].map((text, index) => caption(String(index), text));
    const bytesOf = (captions: readonly Caption[]) => Buffer.byteLength(JSON.stringify(captions));
    const all = bytesOf(list);
    expect(newestWithin(list, all)).toEqual(list);
    expect(newestWithin(list, all - 2)).toEqual(list.slice(1));
    expect(newestWithin(list, bytesOf(list.slice(2)))).toEqual(list.slice(2));
    expect(newestWithin(list, 10)).toEqual([]);
  });
});
