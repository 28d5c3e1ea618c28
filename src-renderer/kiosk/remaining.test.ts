import { describe, expect, it } from 'vitest';
import { snapshotFor } from './preview/snapshots.ts';
import { remainingSecondsOf } from './remaining.ts';

describe('time in the top bar', () => {
  it('is that of the talk, then of the receipt, then of the wallet', () => {
    const talk = snapshotFor('talk');
    expect(remainingSecondsOf(talk)).toBe(talk.talk?.remainingSeconds);
    const receipt = snapshotFor('receipt');
    expect(remainingSecondsOf(receipt)).toBe(receipt.receipt?.remainingSeconds);
    const ready = snapshotFor('ready');
    expect(remainingSecondsOf(ready)).toBe(ready.wallet?.availableSeconds);
  });

  it('is absent while nobody has any', () => expect(remainingSecondsOf(snapshotFor('welcome'))).toBeNull());
});
