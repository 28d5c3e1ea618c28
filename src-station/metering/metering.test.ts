import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../clock.test-kit.ts';
import { testFolder } from '../store/folder.test-kit.ts';
import type { TalkAccount } from './contract.ts';
import { FakeServer } from './server.test-kit.ts';
import { beat, TestStation, type TestStationOptions } from './station.test-kit.ts';

vi.setConfig({ testTimeout: 30_000 });

const USER = randomUUID();
const VISIT = randomUUID();

let dir: string;
let clock: ManualClock;
let server: FakeServer;
let station: TestStation;

/** The next process over the same disk. */
const start = (options: Pick<TestStationOptions, 'maxPages' | 'minFreeBytes'> = {}) =>
  new TestStation({ dir, clock, server, ...options });
const begin = () => station.begin({ userId: USER, visitId: VISIT });
const talk = (account: TalkAccount, seconds: number) => station.talk(account, seconds);

beforeEach(() => {
  dir = testFolder('metering');
  clock = new ManualClock();
  server = new FakeServer();
  server.wallets.set(USER, 3600);
  station = start();
});
afterEach(async () => {
  await station.settle(station.metering.stop()).catch(() => undefined);
  rmSync(dir, { recursive: true, force: true });
});

const inWallet = () => (server.wallets.get(USER) ?? 0) + server.held(USER);

describe('a talk', () => {
  it('charges what the server, the store and the account agree on, and gives the rest back', async () => {
    const account = await begin();
    expect(account.remainingSeconds).toBe(3600);
    await talk(account, 20);
    expect(account.state).toBe('charging');
    expect(account.chargedSeconds).toBe(20);
    expect(account.remainingSeconds).toBe(3580);
    const totals = account.end('customer');
    expect(account.end('silence')).toBe(totals);
    expect(totals).toMatchObject({ chargedSeconds: 20, endReason: 'customer' });
    expect(totals.endedAtMs - totals.startedAtMs).toBe(20_000);
    await clock.advanceAsync(1_000);
    expect(server.spent.get(USER)).toBe(20);
    expect(server.held(USER)).toBe(0);
    expect(server.wallets.get(USER)).toBe(3580);
    expect(station.metering.isSettled(account.talkId)).toBe(true);
    expect(station.named('settled')).toEqual([{ type: 'settled', talkId: account.talkId }]);
    expect(server.rows.map((row) => row.kind)).toEqual([
      'talk_started',
      ...Array.from({ length: 20 }, () => 'tick'),
      'talk_ended',
      'lease_closed',
    ]);
  });

  it('tells every second how it stands', async () => {
    const account = await begin();
    await talk(account, 3);
    const ticks = station.named('tick');
    expect(ticks.at(-1)).toMatchObject({ state: 'charging', chargedSeconds: 3, remainingSeconds: 3597 });
    await clock.advanceAsync(10_000);
    expect(station.named('tick').at(-1)?.state).toBe('page_unreachable');
    expect(station.named('tick').length).toBeGreaterThan(ticks.length + 8);
  });

  it('refills at half and never holds more than 15 minutes', async () => {
    const account = await begin();
    await talk(account, 449);
    expect(server.calls.filter((call) => call === 'extendLease')).toHaveLength(0);
    await talk(account, 3);
    expect(server.calls.filter((call) => call === 'extendLease')).toHaveLength(1);
    const granted = [...server.leases.values()].reduce((sum, lease) => sum + lease.granted, 0);
    expect(granted - account.chargedSeconds).toBeLessThanOrEqual(900);
    expect(account.remainingSeconds).toBe(3600 - 452);
  });

  it('ends at zero with every second of the wallet charged, and warns on the way', async () => {
    server.wallets.set(USER, 310);
    const account = await begin();
    await talk(account, 309);
    expect(station.named('mustEnd')).toEqual([]);
    await talk(account, 1);
    expect(station.named('mustEnd')).toEqual([
      { type: 'mustEnd', talkId: account.talkId, reason: 'time_up' },
    ]);
    expect(station.named('lowTime').map((event) => event.usableSeconds)).toEqual([300, 60, 15]);
    await talk(account, 5);
    expect(account.end('time_up').chargedSeconds).toBe(310);
    await clock.advanceAsync(1_000);
    expect(inWallet()).toBe(0);
    expect(server.spent.get(USER)).toBe(310);
  });

  it('ends itself when the visit does not', async () => {
    server.wallets.set(USER, 2);
    const account = await begin();
    await talk(account, 40);
    expect(account.state).toBe('ended');
    expect(server.held(USER)).toBe(0);
  });

  it('goes on after a top-up without losing the talk, and warns again', async () => {
    server.wallets.set(USER, 65);
    const account = await begin();
    account.setPaymentPending(true);
    await talk(account, 80);
    expect(account.state).toBe('waiting_for_payment');
    expect(account.chargedSeconds).toBe(65);
    server.wallets.set(USER, 70);
    account.setPaymentPending(false);
    account.refresh();
    await talk(account, 30);
    expect(station.named('mustEnd')).toEqual([]);
    expect(account.state).toBe('charging');
    expect(account.chargedSeconds).toBe(95);
    expect(station.named('lowTime').map((event) => event.usableSeconds)).toEqual([60, 15, 60]);
  });

  it('asks after 45 s of silence and takes a touch for an answer', async () => {
    const account = await begin();
    for (let second = 0; second < 50; second++) {
      beat(account, { lastVoiceAgeMs: second * 1000 });
      await clock.advanceAsync(1_000);
    }
    expect(station.named('stillThere')).toHaveLength(1);
    expect(account.chargedSeconds).toBe(45);
    account.resume();
    expect(station.named('silenceOver')).toHaveLength(1);
    beat(account);
    expect(account.state).toBe('charging');
  });

  it('survives a listener that ends the talk from inside an event', async () => {
    server.wallets.set(USER, 3);
    const account = await begin();
    station.metering.onEvent((event) => {
      if (event.type === 'mustEnd') account.end(event.reason);
    });
    await talk(account, 5);
    expect(account.end('customer')).toMatchObject({ chargedSeconds: 3, endReason: 'time_up' });
    expect(server.rows.filter((row) => row.kind === 'talk_ended')).toHaveLength(1);
  });
});

describe('refusals', () => {
  const refused = () => station.ask({ visitId: VISIT, userId: USER });

  it('says why a talk can not begin', async () => {
    server.wallets.set(USER, 0);
    expect(await refused()).toBe('no_time_left');
    server.refusal = 'kiosk_revoked';
    expect(await refused()).toBe('kiosk_revoked');
    server.refusal = 'time_in_use_elsewhere';
    expect(await refused()).toBe('time_in_use_elsewhere');
    server.refusal = null;
    server.setReachable(false);
    expect(await refused()).toBe('database_unreachable');
    expect(station.store.openTalks()).toEqual([]);
  });

  it('does not begin with a clock that is wrong, until the server bears it out', async () => {
    server.timeMs = Date.UTC(2027, 0, 1);
    clock.moveWall(Date.UTC(1999, 0, 1) - clock.wallMs());
    expect(await refused()).toBe('clock_wrong');
    clock.moveWall(Date.UTC(2030, 0, 1) - clock.wallMs());
    (await begin()).end('customer');
    clock.moveWall(Date.UTC(2026, 10, 1) - clock.wallMs());
    expect(await refused()).toBe('clock_wrong');
    server.timeMs = clock.wallMs();
    expect(await refused()).not.toBeTypeOf('string');
  });

  it('does not begin on a disk that is nearly full', async () => {
    station.kill();
    station = start({ minFreeBytes: Number.MAX_SAFE_INTEGER });
    expect(await refused()).toBe('storage_full');
    expect(station.metering.health()['usage_store']).toMatch(/nearly full/);
  });
});

describe('a full disk', () => {
  it('ends the talk, charging only what was recorded, and writes the end when there is room', async () => {
    station.kill();
    station = start({ maxPages: 14 });
    const account = await begin();
    await talk(account, 200);
    expect(station.named('mustEnd')[0]?.reason).toBe('storage_full');
    const { chargedSeconds } = account.end('storage_full');
    expect(chargedSeconds).toBeGreaterThan(0);
    expect(chargedSeconds).toBeLessThan(190);
    await station.settle(station.metering.stop());
    station = start();
    server.setReachable(true);
    await clock.advanceAsync(2_000);
    expect(server.spent.get(USER)).toBe(chargedSeconds);
    expect(inWallet()).toBe(3600 - chargedSeconds);
    expect(server.held(USER)).toBe(0);
  });
});

describe('a disk that fills up', () => {
  it('ends the talk while its end can still be written', async () => {
    const account = await begin();
    await talk(account, 3);
    station.store.hasRoomToGoOn = () => false;
    await talk(account, 6);
    expect(station.named('mustEnd')[0]?.reason).toBe('storage_full');
    account.end('storage_full');
    expect(account.chargedSeconds).toBeLessThanOrEqual(6);
    await clock.advanceAsync(1_000);
    expect(server.spent.get(USER)).toBe(account.chargedSeconds);
    expect(server.held(USER)).toBe(0);
  });
});

describe('an outage', () => {
  it('talks on within what is reserved, then catches up', async () => {
    const account = await begin();
    await talk(account, 10);
    server.setReachable(false);
    await talk(account, 100);
    expect(account.chargedSeconds).toBe(110);
    expect(station.metering.backlogRows).toBeGreaterThan(90);
    server.setReachable(true);
    await talk(account, 5);
    account.end('customer');
    await clock.advanceAsync(1_000);
    expect(server.spent.get(USER)).toBe(115);
    expect(inWallet()).toBe(3600 - 115);
  });

  it('is made up for by the next process, which tells when the talk is settled', async () => {
    const account = await begin();
    await talk(account, 10);
    server.setReachable(false);
    await station.settle(station.metering.stop());
    station = start();
    expect(station.metering.interruptedTalk).toBeNull();
    expect(station.metering.isSettled(account.talkId)).toBe(false);
    server.setReachable(true);
    await clock.advanceAsync(2_000);
    expect(station.named('settled')).toEqual([{ type: 'settled', talkId: account.talkId }]);
    expect(inWallet()).toBe(3590);
    expect(server.held(USER)).toBe(0);
  });

  it('ends the talk when the reserved seconds are used up, and warns of that in time', async () => {
    const account = await begin();
    server.setReachable(false);
    await talk(account, 920);
    expect(station.named('lowTime').map((event) => event.usableSeconds)).toEqual([300, 60, 15]);
    expect(station.named('mustEnd')[0]?.reason).toBe('time_up');
    expect(account.end('time_up').chargedSeconds).toBe(900);
    server.setReachable(true);
    await clock.advanceAsync(2_000);
    expect(server.spent.get(USER)).toBe(900);
    expect(inWallet()).toBe(2700);
  });

  it('closes a lease whose answer never came', async () => {
    server.fault = (call) => (call === 'openLease' ? 'lost' : null);
    expect(await station.ask({ visitId: VISIT, userId: USER })).toBe('database_unreachable');
    expect(server.held(USER)).toBe(900);
    server.fault = () => null;
    server.setReachable(true);
    await clock.advanceAsync(1_000);
    expect(server.held(USER)).toBe(0);
    expect(server.wallets.get(USER)).toBe(3600);
    expect(station.store.leases.notClosed).toEqual([]);
  });

  it('reserves nothing twice when answers to extensions are lost', async () => {
    let lost = 0;
    server.fault = (call) => (call === 'extendLease' && lost++ < 3 ? 'lost' : null);
    const account = await begin();
    await talk(account, 600);
    account.end('customer');
    await clock.advanceAsync(1_000);
    expect(lost).toBeGreaterThan(3);
    expect(server.spent.get(USER)).toBe(600);
    expect(inWallet()).toBe(3000);
  });

  it('opens another lease when an operator voided the first', async () => {
    const account = await begin();
    await talk(account, 440);
    for (const lease of server.leases.values()) {
      lease.open = false;
      server.wallets.set(USER, (server.wallets.get(USER) ?? 0) + lease.granted - lease.spent);
    }
    await talk(account, 60);
    expect(account.state).toBe('charging');
    expect([...server.leases.values()].filter((lease) => lease.open)).toHaveLength(1);
    account.end('customer');
    await clock.advanceAsync(1_000);
    expect(server.held(USER)).toBe(0);
    expect(inWallet()).toBe(3600 - (server.spent.get(USER) ?? 0));
  });
});

describe('leases that nobody uses', () => {
  it('closes one whose talk never began because the process died in between', async () => {
    const leaseId = randomUUID();
    const lease = { leaseId, talkId: randomUUID(), userId: USER, visitId: VISIT, askedSeconds: 900 };
    station.store.leases.asked(lease);
    const answer = await server.openLease(leaseId, USER, VISIT, 900);
    if (answer.ok) station.store.leases.granted(leaseId, answer.value.totalSeconds);
    station.kill();
    station = start();
    await clock.advanceAsync(1_000);
    expect(server.held(USER)).toBe(0);
    expect(station.store.leases.notClosed).toEqual([]);
  });

  it('asks for a further lease under one id until it is answered', async () => {
    const account = await begin();
    await talk(account, 440);
    for (const lease of server.leases.values()) lease.open = false;
    let lost = 0;
    server.fault = (call) => (call === 'openLease' && lost++ < 2 ? 'lost' : null);
    await talk(account, 60);
    expect(lost).toBe(3);
    expect(server.leases.size).toBe(2);
    expect(account.state).toBe('charging');
  });

  it('closes a further lease whose answer had not come when the talk ended', async () => {
    const account = await begin();
    await talk(account, 440);
    for (const lease of server.leases.values()) lease.open = false;
    server.fault = (call) => (call === 'openLease' ? 'lost' : null);
    await talk(account, 30);
    expect(server.held(USER)).toBeGreaterThan(0);
    server.fault = () => null;
    account.end('customer');
    await clock.advanceAsync(1_000);
    expect(server.held(USER)).toBe(0);
    expect(station.store.leases.notClosed).toEqual([]);
  });
});

describe('sleep of the machine', () => {
  it('is not charged and ages the lease', async () => {
    const account = await begin();
    await talk(account, 5);
    clock.sleep(10 * 60_000);
    await clock.advanceAsync(250);
    expect(account.state).toBe('page_unreachable');
    await talk(account, 5);
    expect(account.chargedSeconds).toBeLessThanOrEqual(10);
    clock.sleep(30 * 60_000);
    await clock.advanceAsync(250);
    expect(station.named('mustEnd').map((event) => event.reason)).toEqual(['time_up']);
  });
});

describe('a crash', () => {
  it('closes the talk at its last durable second, tells it once and gives the rest back', async () => {
    const account = await begin();
    await talk(account, 33);
    station.kill();
    await clock.advanceAsync(60_000);
    station = start();
    expect(station.metering.interruptedTalk).toMatchObject({
      talkId: account.talkId,
      userId: USER,
      visitId: VISIT,
      chargedSeconds: 33,
      endReason: 'station_restarted',
    });
    await clock.advanceAsync(2_000);
    expect(server.spent.get(USER)).toBe(33);
    expect(server.held(USER)).toBe(0);
    expect(station.metering.isSettled(account.talkId)).toBe(true);
    station.kill();
    station = start();
    expect(station.metering.interruptedTalk).toBeNull();
  });

  it('lets the next talk begin at once', async () => {
    await talk(await begin(), 5);
    station.kill();
    station = start();
    const next = await begin();
    expect(next.remainingSeconds).toBe(3595);
  });
});

describe('balance', () => {
  it('is the last known one while the database is away', async () => {
    expect((await station.metering.balance(USER))?.availableSeconds).toBe(3600);
    server.setReachable(false);
    expect((await station.metering.balance(USER))?.availableSeconds).toBe(3600);
    expect(await station.metering.balance(randomUUID())).toBeNull();
  });
});

describe('whatever happens', () => {
  const action = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ type: fc.constant('talk' as const), seconds: fc.integer({ min: 1, max: 60 }) }),
    },
    fc.constantFrom(
      { type: 'kill' as const },
      { type: 'end' as const },
      { type: 'away' as const },
      { type: 'back' as const },
      { type: 'lose' as const },
      { type: 'quiet' as const },
    ),
  );

  it('charges the wallet exactly what the talks say, and loses or doubles nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 14 }), async (actions) => {
        await station.settle(station.metering.stop());
        rmSync(dir, { recursive: true, force: true });
        server = new FakeServer();
        server.wallets.set(USER, 400);
        station = start();
        let account: TalkAccount | null = null;
        let charged = 0;
        let lossy = false;
        let count = 0;
        server.fault = () => (lossy && count++ % 2 === 0 ? 'lost' : null);
        const close = () => {
          if (account) charged += account.end('customer').chargedSeconds;
          account = null;
        };
        for (const step of actions) {
          if (step.type === 'talk') {
            if (!account) {
              const opened = await station.ask({ visitId: VISIT, userId: USER });
              account = typeof opened === 'string' ? null : opened;
            }
            if (account) await talk(account, step.seconds);
          }
          if (step.type === 'quiet') await clock.advanceAsync(5_000);
          if (step.type === 'end') close();
          if (step.type === 'away') server.setReachable(false);
          if (step.type === 'back') server.setReachable(true);
          if (step.type === 'lose') lossy = !lossy;
          if (step.type === 'kill') {
            const seconds = account?.chargedSeconds ?? 0;
            const running = account !== null && account.state !== 'ended';
            if (account && !running) close();
            else charged += seconds;
            station.kill();
            station = start();
            expect(station.metering.interruptedTalk?.chargedSeconds ?? 0).toBe(running ? seconds : 0);
            account = null;
          }
        }
        close();
        lossy = false;
        server.setReachable(true);
        await clock.advanceAsync(120_000);
        expect(server.spent.get(USER) ?? 0).toBe(charged);
        expect(server.wallets.get(USER)).toBe(400 - charged);
        expect(server.held(USER)).toBe(0);
        expect(station.metering.backlogRows).toBe(0);
        expect(station.store.notes.parkedLately).toEqual([]);
      }),
      { numRuns: 12 },
    );
  }, 60_000);
});
