import { describe, expect, it } from 'vitest';
import { summarize } from './wallets.ts';

describe('summarize', () => {
  it('counts cards bought, and money less what was given back', () => {
    const talk = (seconds: number, started_at: string) => ({ seconds, started_at });
    const money = (kind: 'payment' | 'refund', amount_cents: number) => ({
      kind,
      amount_cents,
      currency: 'eur',
    });
    expect(
      summarize(
        [talk(61, 'b'), talk(30, 'a')],
        [money('refund', 400), money('payment', 999), money('payment', 4499)],
      ),
    ).toEqual({
      talks: 2,
      totalSeconds: 91,
      averageSeconds: 46,
      lastTalkAt: 'b',
      cardsBought: 2,
      paidCents: 5098,
      currency: 'eur',
    });
    expect(summarize([], [])).toMatchObject({ talks: 0, averageSeconds: 0, lastTalkAt: null });
  });
});
