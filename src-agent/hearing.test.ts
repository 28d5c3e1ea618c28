import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Hearing } from './hearing.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function bench() {
  const lost = vi.fn();
  const deaf = vi.fn();
  const noWords = vi.fn();
  const hearing = new Hearing({ onLost: lost, onDeaf: deaf, onNoWords: noWords });
  return { hearing, lost, deaf, noWords };
}

describe('hearing', () => {
  test('lost is told once until it is back', () => {
    const { hearing, lost } = bench();
    hearing.is('open');
    expect(hearing.settled).toBe(true);
    hearing.is('lost');
    hearing.is('lost');
    expect(hearing.settled).toBe(false);
    expect(lost).toHaveBeenCalledTimes(1);
    hearing.is('open');
    hearing.is('lost');
    expect(lost).toHaveBeenCalledTimes(2);
  });

  test('a recogniser that only starts is waited for', () => {
    const { hearing, deaf } = bench();
    hearing.is('refused');
    vi.advanceTimersByTime(1_500);
    expect(hearing.settled).toBe(false);
    hearing.is('open');
    vi.advanceTimersByTime(10_000);
    expect(deaf).not.toHaveBeenCalled();
    expect(hearing.settled).toBe(true);
  });

  test('one that keeps refusing is none: said once, and nothing is waited for', () => {
    const { hearing, deaf, lost } = bench();
    for (let times = 0; times < 5; times += 1) {
      hearing.is('refused');
      vi.advanceTimersByTime(2_000);
    }
    expect(deaf).toHaveBeenCalledTimes(1);
    expect(lost).not.toHaveBeenCalled();
    expect(hearing.settled).toBe(true);
  });

  test('one that is open and gives no words is connected anew, then is none until words come', () => {
    const { hearing, lost, deaf, noWords } = bench();
    hearing.is('open');
    hearing.noWords(1_500);
    expect([noWords, lost, deaf].map((told) => told.mock.calls.length)).toEqual([1, 1, 0]);
    hearing.is('open');
    hearing.noWords(3_000);
    expect([noWords, lost, deaf].map((told) => told.mock.calls.length)).toEqual([2, 1, 1]);
    hearing.is('open');
    expect(hearing.hears).toBe(false);
    hearing.words();
    expect(hearing.hears).toBe(true);
    hearing.noWords(1_500);
    expect(deaf).toHaveBeenCalledTimes(1);
  });

  test('no words are due for a cough, or while it is away', () => {
    const { hearing, noWords } = bench();
    hearing.is('open');
    hearing.noWords(400);
    hearing.is('lost');
    hearing.noWords(2_000);
    expect(noWords).not.toHaveBeenCalled();
  });
});
