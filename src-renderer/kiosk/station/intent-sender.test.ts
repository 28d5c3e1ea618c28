import { describe, expect, it } from 'vitest';
import { backoffMs } from '../../../src-shared/retry.ts';
import type { VisitIntent } from '../../../src-shared/visit.ts';
import { createIntentSender } from './intent-sender.ts';
import { RECONNECT } from './trpc-link.ts';

function setUp(failures: number) {
  let nowMs = 0;
  let left = failures;
  const delivered: VisitIntent['type'][] = [];
  const sender = createIntentSender({
    deliver: async (intent) => {
      if (left > 0) {
        left -= 1;
        throw new Error('unreachable');
      }
      delivered.push(intent.type);
    },
    nowMs: () => nowMs,
    wait: async (durationMs) => {
      nowMs += durationMs;
    },
  });
  return { sender, delivered };
}

describe('intents over a broken link', () => {
  it('arrive once when the link is back', async () => {
    const { sender, delivered } = setUp(5);
    expect(await sender.send({ type: 'chooseBuy' })).toBe(true);
    expect(delivered).toEqual(['chooseBuy']);
  });

  it('are forgotten when they are too old to be meant', async () => {
    const { sender, delivered } = setUp(1_000);
    expect(await sender.send({ type: 'chooseBuy' })).toBe(false);
    expect(delivered).toEqual([]);
  });

  it('give way to a newer one', async () => {
    const { sender, delivered } = setUp(3);
    const first = sender.send({ type: 'chooseBuy' });
    const second = sender.send({ type: 'chooseCode' });
    expect(await Promise.all([first, second])).toEqual([false, true]);
    expect(delivered).toEqual(['chooseCode']);
  });

  it('a sign of life is tried once and pushes nothing aside', async () => {
    const { sender, delivered } = setUp(2);
    const wish = sender.send({ type: 'back' });
    const alive = sender.send({ type: 'stillHere' });
    expect(await Promise.all([wish, alive])).toEqual([true, false]);
    expect(delivered).toEqual(['back']);
  });
});

describe('pause before the next try', () => {
  it('grows and stays short', () => {
    expect([1, 2, 3, 4, 5, 50].map((failures) => backoffMs(RECONNECT, failures))).toEqual([
      250, 500, 1000, 2000, 3000, 3000,
    ]);
  });
});
