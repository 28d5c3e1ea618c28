import { describe, expect, it } from 'vitest';
import { type PartsSeen, servicesOf } from './services.ts';

const ALL: PartsSeen = {
  database: true,
  keptSeconds: 0,
  relay: true,
  payments: true,
  livekit: true,
  agent: 'ok',
  reader: true,
  packagesKnown: true,
  hereOffered: true,
  sellsWithoutVoice: false,
};

/** One line each: what talks, activates and buys; `ok` or the reason. */
function lines(change: Partial<PartsSeen>): string[] {
  const { talk, activate, buy } = servicesOf({ ...ALL, ...change });
  return [talk, activate, buy].map((service) => (service.ok ? 'ok' : service.reason));
}

describe('the offline matrix', () => {
  it.each([
    ['everything there', {}, ['ok', 'ok', 'ok']],
    [
      'Supabase away',
      { database: false },
      ['database_unreachable', 'database_unreachable', 'database_unreachable'],
    ],
    ['Stripe away', { payments: false }, ['ok', 'ok', 'payments_unreachable']],
    [
      'the relay away',
      { relay: false, payments: false },
      ['ok', 'database_unreachable', 'payments_unreachable'],
    ],
    ['LiveKit away', { livekit: false }, ['voice_unreachable', 'ok', 'ok']],
    ['the agent away', { agent: 'unreachable' }, ['voice_unreachable', 'ok', 'ok']],
    ['its providers away', { agent: 'speech_missing' }, ['speech_missing', 'ok', 'speech_missing']],
    [
      'its providers away, and the operator sells all the same',
      { agent: 'speech_missing', sellsWithoutVoice: true },
      ['speech_missing', 'ok', 'ok'],
    ],
    [
      'all away',
      { database: false, relay: false, payments: false, livekit: false, agent: 'unreachable' },
      ['voice_unreachable', 'database_unreachable', 'payments_unreachable'],
    ],
    ['no prices yet', { packagesKnown: false }, ['ok', 'ok', 'starting']],
    [
      'nothing asked yet',
      { relay: null, payments: null, livekit: null, agent: null },
      ['starting', 'starting', 'starting'],
    ],
  ] as const)('%s', (_, change, expected) => {
    expect(lines(change)).toEqual(expected);
  });
});

describe('talking while Supabase is away', () => {
  const away = { ...ALL, database: false };

  it('is possible with the seconds that the last talk left reserved, and says how many', () => {
    expect(servicesOf({ ...away, keptSeconds: 880 }).talk).toEqual({ ok: true, keptSeconds: 880 });
    expect(servicesOf(away).talk).toEqual({ ok: false, reason: 'database_unreachable' });
  });

  it('needs the voice all the same, and opens neither codes nor buying', () => {
    expect(lines({ database: false, keptSeconds: 880, livekit: false })).toEqual([
      'voice_unreachable',
      'database_unreachable',
      'database_unreachable',
    ]);
  });

  it('has no limit of its own once Supabase is back', () => {
    expect(servicesOf({ ...ALL, keptSeconds: 880 }).talk).toEqual({ ok: true });
  });
});

describe('the card reader', () => {
  it.each([
    ['there', {}, { ok: true }],
    ['offline', { reader: false }, { ok: false, reason: 'reader_offline' }],
    ['not there', { reader: null }, { ok: false, reason: 'no_reader' }],
    ['there, but Stripe away', { payments: false }, { ok: false, reason: 'payments_unreachable' }],
    [
      'offline, and Stripe away',
      { payments: false, reader: false },
      { ok: false, reason: 'payments_unreachable' },
    ],
  ] as const)('%s', (_, change, expected) => {
    expect(servicesOf({ ...ALL, ...change }).reader).toEqual(expected);
  });
});

describe('a card typed here', () => {
  it.each([
    ['offered', {}, { ok: true }],
    ['not offered', { hereOffered: false }, { ok: false, reason: 'not_offered' }],
    ['offered, but Stripe away', { payments: false }, { ok: false, reason: 'payments_unreachable' }],
    [
      'not offered, and Stripe away',
      { hereOffered: false, payments: false },
      { ok: false, reason: 'not_offered' },
    ],
  ] as const)('%s', (_, change, expected) => {
    expect(servicesOf({ ...ALL, ...change }).here).toEqual(expected);
  });
});
