/**
 * A new talk while the database is away, under the lease that the talk before has left:
 * what may begin and for how long, who closes the lease and when, and that no second is lost, doubled or overspent.
 */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../clock.test-kit.ts';
import { testFolder } from '../store/folder.test-kit.ts';
import type { TalkAccount } from './contract.ts';
import { FakeServer } from './server.test-kit.ts';
import { TestStation } from './station.test-kit.ts';

const VISIT = { userId: randomUUID(), visitId: randomUUID() };
const WALLET_SECONDS = 3600;
const LEASE_SECONDS = 900;
const VALIDITY_MS = 1_800_000;

let dir: string;
let clock: ManualClock;
let server: FakeServer;
let station: TestStation;

beforeEach(() => {
  dir = testFolder('offline-talk');
  clock = new ManualClock();
  server = new FakeServer();
  server.wallets.set(VISIT.userId, WALLET_SECONDS);
  station = new TestStation({ dir, clock, server });
});
afterEach(async () => {
  await station.settle(station.metering.stop()).catch(() => undefined);
  rmSync(dir, { recursive: true, force: true });
});

/** A talk of so many seconds in which the database goes away; it is over when this resolves. */
async function talkThatEndsOffline(seconds: number): Promise<TalkAccount> {
  const account = await station.begin(VISIT);
  await station.talk(account, 1);
  server.setReachable(false);
  await station.talk(account, seconds - 1);
  expect(account.end('customer').chargedSeconds).toBe(seconds);
  return account;
}

const kindsInLog = () => station.store.nextBatch(5_000)?.rows.map((row) => row.kind) ?? [];

/** All is sent, and what the talks charged is what the wallet lost. */
async function expectBooked(chargedSeconds: number): Promise<void> {
  await clock.advanceAsync(60_000);
  expect(server.spent.get(VISIT.userId) ?? 0).toBe(chargedSeconds);
  expect(server.held(VISIT.userId)).toBe(0);
  expect(server.wallets.get(VISIT.userId)).toBe(WALLET_SECONDS - chargedSeconds);
  expect(station.store.notes.parkedLately).toEqual([]);
  expect(station.store.leases.notClosed).toEqual([]);
  expect(station.metering.backlogRows).toBe(0);
}

describe('while the database is away', () => {
  it('a new talk begins with what the last one has left reserved, and all is booked when it is back', async () => {
    const first = await talkThatEndsOffline(20);
    expect(station.metering.keptSeconds).toBe(LEASE_SECONDS - 20);
    expect(station.metering.isSettled(first.talkId)).toBe(false);
    const second = await station.begin(VISIT);
    expect(station.metering.keptSeconds).toBe(0);
    expect(second.remainingSeconds).toBe(WALLET_SECONDS - 20);
    await station.talk(second, 30);
    expect(second.end('customer').chargedSeconds).toBe(30);
    expect(server.leases.size).toBe(1);
    server.setReachable(true);
    await expectBooked(50);
    expect(station.metering.isSettled(first.talkId)).toBe(true);
    expect(station.metering.isSettled(second.talkId)).toBe(true);
    expect(server.rows.filter((row) => row.kind === 'lease_closed')).toHaveLength(1);
    expect(server.rows.at(-1)?.kind).toBe('lease_closed');
  });

  it('talk after talk uses the reserved seconds to the last one and not beyond, and warns in time', async () => {
    await talkThatEndsOffline(400);
    const second = await station.begin(VISIT);
    await station.talk(second, 400);
    second.end('customer');
    const third = await station.begin(VISIT);
    await station.talk(third, 130);
    expect(station.named('mustEnd').map(({ reason }) => reason)).toEqual(['time_up']);
    expect(third.end('time_up').chargedSeconds).toBe(LEASE_SECONDS - 800);
    const warned = station.named('lowTime').filter(({ talkId }) => talkId === third.talkId);
    expect(warned.map(({ usableSeconds }) => usableSeconds)).toEqual([60, 15]);
    expect(station.metering.keptSeconds).toBe(0);
    expect(await station.ask(VISIT)).toBe('database_unreachable');
    server.setReachable(true);
    await expectBooked(LEASE_SECONDS);
  });

  it('goes on with the whole wallet when the database comes back in the middle', async () => {
    await talkThatEndsOffline(880);
    const second = await station.begin(VISIT);
    await station.talk(second, 10);
    server.setReachable(true);
    await station.talk(second, 100);
    expect(second.state).toBe('charging');
    expect(second.end('customer').chargedSeconds).toBe(110);
    await expectBooked(990);
  });

  it('goes on when the database comes back shortly before what is reserved ends', async () => {
    await talkThatEndsOffline(20);
    await clock.advanceAsync(VALIDITY_MS - 60_000);
    expect(station.metering.keptSeconds).toBeLessThan(60);
    const second = await station.begin(VISIT);
    await station.talk(second, 10);
    server.setReachable(true);
    await station.talk(second, 100);
    expect(second.end('customer').chargedSeconds).toBe(110);
    await expectBooked(130);
  });

  it('a talk may begin also when the outage was not noticed yet', async () => {
    const first = await station.begin(VISIT);
    await station.talk(first, 10);
    server.fault = () => 'late';
    first.end('customer');
    const second = await station.begin(VISIT);
    await station.talk(second, 10);
    second.end('customer');
    server.fault = () => null;
    await expectBooked(20);
  });

  it.each(['visitId', 'userId'])('a talk with another %s gets none of them', async (name) => {
    await talkThatEndsOffline(20);
    expect(await station.ask({ ...VISIT, [name]: randomUUID() })).toBe('database_unreachable');
    expect(kindsInLog().at(-1)).toBe('lease_closed');
    expect(await station.ask(VISIT)).toBe('database_unreachable');
    server.setReachable(true);
    await expectBooked(20);
  });
});

describe('what a talk has left reserved', () => {
  it('goes back at once when the database is there, before the talk counts as settled', async () => {
    const account = await station.begin(VISIT);
    await station.talk(account, 10);
    const heldWhenSettled: number[] = [];
    station.metering.onEvent(({ type }) => {
      if (type === 'settled') heldWhenSettled.push(server.held(VISIT.userId));
    });
    account.end('customer');
    await clock.advanceAsync(0);
    expect(heldWhenSettled).toEqual([0]);
    await expectBooked(10);
  });

  it('goes back as soon as the database is there again, also when nobody talks', async () => {
    await talkThatEndsOffline(20);
    expect(server.held(VISIT.userId)).toBeGreaterThan(0);
    server.setReachable(true);
    await clock.advanceAsync(0);
    expect(server.held(VISIT.userId)).toBe(0);
    await expectBooked(20);
  });

  it('is closed in the log when the wallet leaves the screen, and stays for the one that is on it', async () => {
    await talkThatEndsOffline(20);
    station.metering.walletIs(VISIT.userId);
    expect(kindsInLog()).not.toContain('lease_closed');
    station.metering.walletIs(null);
    expect(kindsInLog().at(-1)).toBe('lease_closed');
    expect(station.metering.keptSeconds).toBe(0);
    expect(await station.ask(VISIT)).toBe('database_unreachable');
    server.setReachable(true);
    await expectBooked(20);
  });

  it('is closed when its validity ends, though nobody looks', async () => {
    await talkThatEndsOffline(20);
    await clock.advanceAsync(VALIDITY_MS - 30_000);
    expect(station.metering.keptSeconds).toBeGreaterThan(0);
    expect(station.metering.keptSeconds).toBeLessThanOrEqual(10);
    await clock.advanceAsync(20_000);
    expect(station.metering.keptSeconds).toBe(0);
    expect(kindsInLog().at(-1)).toBe('lease_closed');
    expect(await station.ask(VISIT)).toBe('database_unreachable');
    server.setReachable(true);
    await expectBooked(20);
  });

  it('ages while the machine sleeps', async () => {
    await talkThatEndsOffline(20);
    clock.sleep(VALIDITY_MS - 60_000);
    expect(station.metering.keptSeconds).toBeLessThanOrEqual(40);
    const second = await station.begin(VISIT);
    await station.talk(second, 60);
    expect(station.named('mustEnd').map(({ reason }) => reason)).toEqual(['time_up']);
    expect(second.end('time_up').chargedSeconds).toBeLessThanOrEqual(40);
    server.setReachable(true);
    await expectBooked(20 + second.chargedSeconds);
  });

  it('is not used after a sleep beyond its validity', async () => {
    await talkThatEndsOffline(20);
    clock.sleep(VALIDITY_MS);
    expect(await station.ask(VISIT)).toBe('database_unreachable');
    server.setReachable(true);
    await expectBooked(20);
  });

  it('is not used after a sleep in the talk that had it, though that talk ended before anybody looked at the clock', async () => {
    const account = await station.begin(VISIT);
    await station.talk(account, 20);
    server.setReachable(false);
    clock.sleep(VALIDITY_MS);
    account.end('customer');
    expect(station.metering.keptSeconds).toBe(0);
    expect(await station.ask(VISIT)).toBe('database_unreachable');
    server.setReachable(true);
    await expectBooked(20);
  });

  it('stays as old as a sleep made it when the wall clock is put back afterwards', async () => {
    await talkThatEndsOffline(20);
    clock.sleep(VALIDITY_MS);
    expect(station.metering.keptSeconds).toBe(0);
    clock.moveWall(-VALIDITY_MS);
    expect(station.metering.keptSeconds).toBe(0);
  });

  it('does not keep a revoked kiosk talking', async () => {
    const account = await station.begin(VISIT);
    await station.talk(account, 7);
    server.refusal = 'kiosk_revoked';
    account.end('customer');
    expect(await station.ask(VISIT)).toBe('kiosk_revoked');
  });

  it('is closed by the next process after a crash, between two talks and in the second one', async () => {
    await talkThatEndsOffline(20);
    station.kill();
    station = new TestStation({ dir, clock, server });
    expect(station.metering.interruptedTalk).toBeNull();
    expect(station.metering.keptSeconds).toBe(0);
    expect(await station.ask(VISIT)).toBe('database_unreachable');
    server.setReachable(true);
    await expectBooked(20);

    await talkThatEndsOffline(30);
    const second = await station.begin(VISIT);
    await station.talk(second, 15);
    station.kill();
    station = new TestStation({ dir, clock, server });
    expect(station.metering.interruptedTalk).toMatchObject({ talkId: second.talkId, chargedSeconds: 15 });
    server.setReachable(true);
    await expectBooked(65);
  });

  it('is closed at the stop of the station', async () => {
    await talkThatEndsOffline(20);
    await station.settle(station.metering.stop());
    station = new TestStation({ dir, clock, server });
    expect(station.store.leases.notClosed).toEqual([]);
    server.setReachable(true);
    await expectBooked(20);
  });

  it('takes in the answer to an extension that was lost', async () => {
    server.fault = (call) => (call === 'extendLease' ? 'lost' : null);
    const first = await station.begin(VISIT);
    await station.talk(first, 460);
    server.setReachable(false);
    first.end('customer');
    server.fault = () => null;
    const second = await station.begin(VISIT);
    await station.talk(second, 5);
    server.setReachable(true);
    await station.talk(second, 600);
    expect(second.end('customer').chargedSeconds).toBe(605);
    await expectBooked(1065);
  });
});
