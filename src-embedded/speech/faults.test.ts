import { expect, test } from 'vitest';
import { type Fault, Faults, faultSchema, spoiled } from './faults.ts';

const fault = (order: object): Fault => faultSchema.parse(order);

async function* letters() {
  yield* ['a', 'b', 'c', 'd'];
}

async function collect(order: object | undefined): Promise<string> {
  let text = '';
  try {
    for await (const piece of spoiled(letters(), order && fault(order), '?')) text += piece;
  } catch {
    text += '!';
  }
  return text;
}

test('an order holds for as many answers as it says, for its role alone, and can be taken back', () => {
  const faults = new Faults();
  faults.order(fault({ role: 'mind', kind: 'refuse', status: 429, times: 2 }));
  faults.order(fault({ role: 'ears', kind: 'hang' }));
  expect(faults.take('voice')).toBeUndefined();
  expect([1, 2, 3].map(() => faults.take('mind')?.status)).toEqual([429, 429, undefined]);
  expect(faults.of('ears')?.kind).toBe('hang');
  faults.clear('ears');
  expect(faults.take('ears')).toBeUndefined();
});

test('an answer is left alone, cut, emptied or made unreadable as ordered', async () => {
  const of = (kind: string) => collect({ role: 'voice', kind });
  expect(await collect(undefined)).toBe('abcd');
  expect(await of('cut')).toBe('ab!');
  expect(await of('silent')).toBe('');
  expect(await of('garbage')).toBe('?');
  expect(await of('slow')).toBe('abcd');
});

test('an order with an unknown role, kind or field is none', () => {
  const wrong = [
    { role: 'nose', kind: 'cut' },
    { role: 'ears', kind: 'sulk' },
    { role: 'ears', kind: 'cut', often: 3 },
  ];
  expect(wrong.map((order) => faultSchema.safeParse(order).success)).toEqual([false, false, false]);
});
