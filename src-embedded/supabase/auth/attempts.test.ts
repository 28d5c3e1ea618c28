import { expect, it } from 'vitest';
import { AttemptLimiter } from './attempts.ts';

function limiter(limit: number, maxKeys = 100) {
  let nowMs = 0;
  const attempts = new AttemptLimiter({ limit, windowMs: 10_000, maxKeys, now: () => nowMs });
  return {
    attempts,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

it('blocks a key after the limit until the oldest try has left the window', () => {
  const { attempts, pass } = limiter(2);
  attempts.add('a');
  pass(4_000);
  expect(attempts.blockedSeconds('a')).toBe(0);
  attempts.add('a');
  expect(attempts.blockedSeconds('a')).toBe(6);
  expect(attempts.blockedSeconds('b')).toBe(0);
  pass(6_000);
  expect(attempts.blockedSeconds('a')).toBe(0);
});

it('forgets a try that is taken back, and all of them after a success', () => {
  const { attempts } = limiter(1);
  const takeBack = attempts.add('a');
  expect(attempts.blockedSeconds('a')).toBe(10);
  takeBack();
  expect(attempts.blockedSeconds('a')).toBe(0);
  attempts.add('a');
  attempts.clear('a');
  expect(attempts.blockedSeconds('a')).toBe(0);
});

it('keeps its memory bounded by forgetting the key untouched longest', () => {
  const { attempts } = limiter(1, 2);
  for (const key of ['a', 'b', 'c']) attempts.add(key);
  expect(['a', 'b', 'c'].map((key) => attempts.blockedSeconds(key) > 0)).toEqual([false, true, true]);
});
