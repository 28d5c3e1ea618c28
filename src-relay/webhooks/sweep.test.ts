import type Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { type SweepCursor, sweepOnce, sweepStart } from './sweep.ts';

const NOW = Date.UTC(2026, 10, 23, 12) / 1000;
const DAY = 86_400;

describe('sweepStart', () => {
  it('looks back as far as Stripe lists when nothing is known', () => {
    expect(sweepStart(undefined, undefined, NOW)).toBe(NOW - 30 * DAY);
    expect(sweepStart(undefined, NOW - 10, NOW)).toBe(NOW - 30 * DAY);
    expect(sweepStart(NOW - 10, undefined, NOW)).toBe(NOW - 30 * DAY);
  });

  it('begins ten minutes before the older of the two marks', () => {
    expect(sweepStart(NOW - 5000, NOW - 10, NOW)).toBe(NOW - 5000 - 600);
    expect(sweepStart(NOW - 10, NOW - 5000, NOW)).toBe(NOW - 5000 - 600);
    expect(sweepStart(NOW - 90 * DAY, NOW, NOW)).toBe(NOW - 30 * DAY);
  });
});

describe('sweepOnce', () => {
  const event = (id: string, created: number) => ({ id, created }) as Stripe.Event;

  function setUp(listed: Stripe.Event[], known: string[] = []) {
    const stored: string[] = [];
    let seconds: number | undefined = NOW - 100;
    const cursor: SweepCursor = {
      read: async () => seconds,
      write: async (value) => {
        seconds = value;
      },
    };
    const parts = {
      events: { newestSeconds: async () => NOW - 50 },
      stripe: { listEvents: async () => listed },
      inbox: {
        store: async ({ id }: Stripe.Event) => {
          if (id === 'evt_broken') throw new Error('no database');
          stored.push(id);
          return !known.includes(id);
        },
      },
      cursor,
      nowMs: () => NOW * 1000,
    };
    return { parts, stored, cursorAt: () => seconds };
  }

  it('stores everything listed, counts the new ones and moves on to the newest', async () => {
    const { parts, stored, cursorAt } = setUp([event('a', NOW - 60), event('b', NOW - 20)], ['a']);
    expect(await sweepOnce(parts)).toBe(1);
    expect(stored).toEqual(['a', 'b']);
    expect(cursorAt()).toBe(NOW - 20);
  });

  it('stays where it was when nothing is listed, when storing fails, and when only old events are listed', async () => {
    for (const listed of [[], [event('evt_broken', NOW)], [event('a', NOW - 500)]]) {
      const { parts, cursorAt } = setUp(listed);
      await sweepOnce(parts).catch(() => undefined);
      expect(cursorAt()).toBe(NOW - 100);
    }
  });
});
