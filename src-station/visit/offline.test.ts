/** The offline matrix in a visit: what goes on, what says why not now, and that all catches up by itself (docs/offline.md). */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { VisitSnapshot } from '../../src-shared/visit.ts';
import { Bench, balanceOf, CODE, USER_ID } from './visit.test-kit.ts';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.close());

/** The world as the monitor would report it, at a kiosk without a card reader. */
function worldIs(services: Omit<VisitSnapshot['services'], 'reader' | 'here'>): void {
  bench.world = { ...bench.world, services: { ...bench.world.services, ...services } };
  bench.engine.worldChanged();
}

const OK = { ok: true } as const;
const away = (reason: 'database_unreachable' | 'payments_unreachable' | 'voice_unreachable') =>
  ({ ok: false, reason }) as const;

describe('without the database', () => {
  const services = {
    talk: away('database_unreachable'),
    activate: away('database_unreachable'),
    buy: away('database_unreachable'),
  };

  it('a running talk goes on', async () => {
    await bench.toTalk();
    worldIs(services);
    bench.account.chargedSeconds = 20;
    bench.tick();
    expect(bench.now).toMatchObject({
      screen: 'talk',
      services,
      talk: { meter: 'charging', chargedSeconds: 20 },
    });
  });

  it('a talk that ends has its receipt, not settled until the seconds have arrived', async () => {
    await bench.toTalk();
    worldIs(services);
    await bench.does('endTalk');
    expect(bench.now).toMatchObject({ screen: 'receipt', receipt: { settled: false } });
    const talkId = bench.now.receipt?.talkId ?? '';
    bench.metering.balanceNow = balanceOf(3500);
    bench.metering.settled = true;
    bench.metering.emit({ type: 'settled', talkId });
    await bench.pass(0);
    expect(bench.now).toMatchObject({ receipt: { settled: true }, wallet: { availableSeconds: 3500 } });
  });

  it('a new talk may follow the last one in the same visit, as long as seconds are reserved for it', async () => {
    await bench.toTalk();
    worldIs({ ...services, talk: { ok: true, keptSeconds: 880 } });
    await bench.does('endTalk');
    expect(bench.now).toMatchObject({
      screen: 'receipt',
      services: { talk: { ok: true, keptSeconds: 880 } },
    });
    const first = bench.now.receipt?.talkId;
    expect(bench.metering.wallet).toBe(USER_ID);
    await bench.does('startTalk');
    expect(bench.now).toMatchObject({ screen: 'talk', receipt: null, problem: null });
    expect(bench.now.talk?.talkId).not.toBe(first);
    expect(bench.metering.wallet).toBe(USER_ID);
  });

  it('what is reserved goes back when the customer leaves, or puts the wallet away', async () => {
    await bench.toReady();
    expect(bench.metering.wallet).toBe(USER_ID);
    await bench.does('back');
    expect(bench.now).toMatchObject({ screen: 'welcome', wallet: null });
    expect(bench.metering.wallet).toBeNull();
    await bench.does('chooseCode', { type: 'submitCode', code: CODE });
    expect(bench.metering.wallet).toBe(USER_ID);
    await bench.does('finish');
    expect(bench.metering.wallet).toBeNull();
  });

  it('a new talk is refused with the reason, and the wallet keeps its last reading and its age', async () => {
    await bench.toReady();
    const before = bench.now.wallet;
    worldIs(services);
    bench.metering.refusal = 'database_unreachable';
    await bench.does('startTalk');
    expect(bench.now).toMatchObject({ screen: 'ready', problem: { code: 'database_unreachable' } });
    expect(bench.now.wallet).toEqual(before);
    expect(bench.now.wallet?.asOf).toBe('2026-11-01T00:00:00Z');
    expect(bench.rooms.legs).toEqual([]);
  });

  it('the next try succeeds when it is back', async () => {
    await bench.toReady();
    bench.metering.refusal = 'database_unreachable';
    await bench.does('startTalk');
    bench.metering.refusal = null;
    await bench.does('startTalk');
    expect(bench.now).toMatchObject({ screen: 'talk', problem: null });
  });

  it('a code is refused with the reason, not as a wrong one, and is accepted when it is back', async () => {
    worldIs(services);
    bench.relay.down = true;
    await bench.does('begin', 'chooseCode', { type: 'submitCode', code: CODE });
    expect(bench.now).toMatchObject({ screen: 'enterCode', problem: { code: 'database_unreachable' } });
    bench.relay.down = false;
    await bench.does({ type: 'submitCode', code: CODE });
    expect(bench.now.screen).toBe('ready');
  });

  it('no room is made ahead for a talk that can’t begin', async () => {
    worldIs(services);
    await bench.toReady();
    expect(bench.rooms.expected).toBeNull();
  });
});

describe('without Stripe', () => {
  const services = { talk: OK, activate: OK, buy: away('payments_unreachable') };

  it('talking and codes work; only buying says why not', async () => {
    worldIs(services);
    await bench.toTalk();
    expect(bench.now).toMatchObject({ screen: 'talk', services });
  });

  it('a card that was bought keeps its code on the screen when it can’t be activated at once', async () => {
    await bench.toPay();
    bench.relay.purchaseState = { status: 'paid', code: CODE };
    await bench.pass(2_000);
    bench.relay.down = true;
    await bench.does('activate');
    expect(bench.now).toMatchObject({
      screen: 'codeShown',
      code: CODE,
      problem: { code: 'database_unreachable' },
    });
    bench.relay.down = false;
    await bench.does('activate');
    expect(bench.now.screen).toBe('ready');
  });
});

describe('without the voice', () => {
  const services = { talk: away('voice_unreachable'), activate: OK, buy: OK };

  it('buying and activating work, the balance can be looked at, talking says why not', async () => {
    worldIs(services);
    await bench.toPay();
    bench.relay.purchaseState = { status: 'paid', code: CODE };
    await bench.pass(2_000);
    await bench.does('activate');
    expect(bench.now).toMatchObject({ screen: 'ready', services, wallet: { availableSeconds: 3600 } });
    expect(bench.rooms.expected).toBeNull();
  });
});

describe('without anything', () => {
  it('the screen can be begun, says why nothing works, and is left again', async () => {
    const services = {
      talk: away('voice_unreachable'),
      activate: away('database_unreachable'),
      buy: away('payments_unreachable'),
    };
    worldIs(services);
    bench.relay.down = true;
    await bench.does('begin');
    expect(bench.now).toMatchObject({ screen: 'welcome', services });
    await bench.does('finish');
    expect(bench.now.screen).toBe('attract');
  });
});
