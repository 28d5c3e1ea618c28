import { describe, expect, it } from 'vitest';
import { snapshotFor } from '../preview/snapshots.ts';
import { remainingSecondsOf, staleSinceOf } from './remaining.ts';

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

describe('the age of the balance', () => {
  const away = { ok: false, reason: 'database_unreachable' } as const;
  const ready = snapshotFor('ready');

  it('is told while the database is away, also when the voice is away too', () => {
    expect(staleSinceOf(ready)).toBeNull();
    expect(staleSinceOf({ ...ready, services: { ...ready.services, talk: away } })).toBe(ready.wallet?.asOf);
    const voice = { ok: false, reason: 'voice_unreachable' } as const;
    const allDown = { ...ready.services, talk: voice, activate: away, buy: away };
    expect(staleSinceOf({ ...ready, services: allDown })).toBe(ready.wallet?.asOf);
  });

  it('is not told for another reason, or without a wallet', () => {
    const voice = { ok: false, reason: 'voice_unreachable' } as const;
    expect(staleSinceOf({ ...ready, services: { ...ready.services, talk: voice } })).toBeNull();
    const nobody = snapshotFor('welcome');
    expect(staleSinceOf({ ...nobody, services: { ...nobody.services, talk: away } })).toBeNull();
  });
});
