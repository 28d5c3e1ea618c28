import { expect, test } from 'vitest';
import { ProviderList } from './provider-list.ts';

/** A list of two whose waits and answers the test gives. */
function listOf(...names: string[]) {
  const waits: { durationMs: number; end(): void }[] = [];
  const asked: string[] = [];
  const answers = new Map<string, boolean>();
  const list = new ProviderList(names, {
    ask: async (name) => {
      asked.push(name);
      if (!answers.get(name)) throw new Error('no answer');
    },
    wait: (durationMs) => new Promise((end) => waits.push({ durationMs, end })),
  });
  const passWait = async () => {
    waits.shift()?.end();
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  };
  return { list, waits, asked, answers, passWait };
}

test('the first is asked first, and one that failed is left out', () => {
  const { list } = listOf('a', 'b');
  expect(list.order).toEqual(['a', 'b']);
  list.failed('a');
  expect(list.order).toEqual(['b']);
  expect(list.allFailing).toBe(false);
});

test('with all failing each is tried in order', () => {
  const { list } = listOf('a', 'b');
  list.failed('b');
  list.failed('a');
  expect(list.order).toEqual(['a', 'b']);
  expect(list.allFailing).toBe(true);
});

test('one that failed is asked behind the talk, less and less often, and is back when it answers', async () => {
  const { list, waits, asked, answers, passWait } = listOf('a', 'b');
  list.failed('a');
  expect(waits[0]?.durationMs).toBe(5_000);
  await passWait();
  expect(asked).toEqual(['a']);
  expect(list.order).toEqual(['b']);
  expect(waits[0]?.durationMs).toBe(10_000);
  answers.set('a', true);
  await passWait();
  expect(list.order).toEqual(['a', 'b']);
  expect(waits).toEqual([]);
});

test('one that worked in a talk meanwhile, and a list that is closed, are asked no more', async () => {
  const { list, asked, passWait } = listOf('a', 'b');
  list.failed('a');
  list.works('a');
  await passWait();
  list.failed('b');
  list.close();
  await passWait();
  expect(asked).toEqual([]);
});

test('with all failing they are asked whether any answers; one that does is asked in the talk again', async () => {
  const { list, asked, answers } = listOf('a', 'b');
  expect(await list.anyAnswers()).toBe(true);
  expect(asked).toEqual([]);
  list.failed('a');
  list.failed('b');
  expect(await list.anyAnswers()).toBe(false);
  answers.set('b', true);
  expect(await list.anyAnswers()).toBe(true);
  expect(list.order).toEqual(['b']);
});

test('a list without a provider is a mistake', () => {
  expect(() => listOf()).toThrow('a role needs a provider');
});
