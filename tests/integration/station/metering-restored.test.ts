/**
 * A kiosk's disk put back to an older copy, and two machines that live on from one copy, against the real server: the
 * embedded Supabase API over a real Postgres. Promise: the fork is found, kept aside and told; nothing is charged
 * twice, and what is talked afterwards is charged.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StationMetering } from '../../../src-station/metering/index.ts';
import { exportUsage } from '../../../src-station/store/export.ts';
import { verifyUsage } from '../../../src-station/store/verify.ts';
import {
  balanceAt,
  type Kiosk,
  ledgerProblems,
  makeWallet,
  type Wallet,
} from '../../support/database/database-kit.ts';
import {
  beginTalk,
  type DeviceAccount,
  enrolKiosk,
  startMetering,
  TEST_MAC_KEY,
  talkFor,
  waitFor,
} from '../../support/station/metering.ts';
import { startTestSupabase, type TestSupabase } from '../../support/supabase/supabase.ts';

let supabase: TestSupabase;
let kiosk: Kiosk;
let account: DeviceAccount;
let dir: string;
const running: StationMetering[] = [];

beforeAll(async () => {
  supabase = await startTestSupabase();
});
afterAll(() => supabase?.stop());
beforeEach(async () => {
  ({ kiosk, account } = await enrolKiosk(supabase));
  dir = await mkdtemp(join(tmpdir(), 'metering-restored-'));
});
afterEach(async () => {
  for (const metering of running.splice(0)) await metering.stop();
  await rm(dir, { recursive: true, force: true });
});

const folder = (name: string) => join(dir, name);
type Station = Awaited<ReturnType<typeof start>>;

async function start(name: string) {
  const { url, anonKey } = supabase;
  const station = await startMetering({ storeDir: folder(name), url, anonKey, account });
  running.push(station.metering);
  return station;
}

async function stop({ metering }: Station): Promise<void> {
  running.splice(running.indexOf(metering), 1);
  await metering.stop();
}

const wallet = (paidSeconds: number) => makeWallet(supabase.database, kiosk, [{ paidSeconds }]);

async function spentOf({ userId }: Wallet): Promise<number> {
  const { rows } = await supabase.database.admin.query<{ spent: number }>(
    'select sum(paid_spent_seconds + bonus_spent_seconds)::int as spent from public.time_cards where user_id = $1',
    [userId],
  );
  return rows[0]?.spent ?? -1;
}

async function sessionOf(talkId: string) {
  const { rows } = await supabase.database.admin.query(
    'select seconds, end_reason from public.voice_sessions where id = $1',
    [talkId],
  );
  return rows[0];
}

/** A talk of so many seconds from its beginning until the server has all of it. */
async function wholeTalk({ metering, clock }: Station, { userId, visitId }: Wallet, seconds: number) {
  const talk = await beginTalk(metering, userId, visitId);
  await talkFor(clock, talk, seconds);
  const { chargedSeconds } = talk.end('customer');
  await waitFor(clock, () => metering.backlogRows === 0, 'the rows of the talk');
  expect(metering.isSettled(talk.talkId)).toBe(true);
  return chargedSeconds;
}

const ALARM = /knows another history of this store/;

/** The server still has exactly one history of each log, and the books are right. */
async function booksAreRight(): Promise<void> {
  expect(await ledgerProblems(supabase.database)).toEqual([]);
  const { rows } = await supabase.database.admin.query(
    `select sum(paid_seconds + bonus_seconds)::int as posted from public.ledger_entries where to_bucket = 'spent'`,
  );
  const spent = await supabase.database.admin.query(
    'select sum(paid_spent_seconds + bonus_spent_seconds)::int as posted from public.time_cards',
  );
  expect(rows).toEqual(spent.rows);
}

describe('a disk put back to a copy of the middle of a talk', () => {
  it.each([
    ['the server has rows that the copy never had', 30],
    ['the same number of rows, with another content', 0],
  ])('%s: found, kept aside, told, charged once', async (_what, moreSeconds) => {
    const ours = await wallet(3600);
    const first = await start('store');
    const talk = await beginTalk(first.metering, ours.userId, ours.visitId);
    await talkFor(first.clock, talk, 20);
    await waitFor(first.clock, () => first.metering.backlogRows === 0, 'the first rows');
    // Taken while the station runs, as a disk image is.
    await cp(folder('store'), folder('copy'), { recursive: true });
    await talkFor(first.clock, talk, moreSeconds);
    const { chargedSeconds } = talk.end('customer');
    await waitFor(first.clock, () => first.metering.isSettled(talk.talkId), 'the end of the talk');
    await stop(first);
    const [before] = verifyUsage(folder('store'), TEST_MAC_KEY).epochs;

    const restored = await start('copy');
    const { metering, clock } = restored;
    expect(metering.interruptedTalk?.talkId).toBe(talk.talkId);
    await waitFor(clock, () => metering.quarantinedEpochs === 1, 'the fork to be found');
    expect(metering.health()['usage_sync']).toMatch(ALARM);
    const epochs = verifyUsage(folder('copy'), TEST_MAC_KEY).epochs;
    expect(epochs).toMatchObject([
      { epoch: before?.epoch, state: 'quarantined', fault: null },
      { state: 'current', fault: null },
    ]);
    if (moreSeconds === 0) expect(epochs[0]?.lastSeq).toBe(before?.lastSeq);
    expect(await spentOf(ours)).toBe(chargedSeconds);
    expect(await sessionOf(talk.talkId)).toEqual({ seconds: chargedSeconds, end_reason: 'customer' });
    expect(await balanceAt(kiosk, ours.userId)).toMatchObject({ heldSeconds: 0 });

    const later = await wholeTalk(restored, ours, 15);
    expect(later).toBeGreaterThan(0);
    expect(await spentOf(ours)).toBe(chargedSeconds + later);
    await stop(restored);
    // The alarm outlives a restart, and one fork stays one.
    const again = await start('copy');
    expect(again.metering.quarantinedEpochs).toBe(1);
    const last = await wholeTalk(again, ours, 5);
    expect(again.metering.health()['usage_sync']).toMatch(ALARM);
    expect(again.metering.quarantinedEpochs).toBe(1);
    expect(await spentOf(ours)).toBe(chargedSeconds + later + last);
    await booksAreRight();
  });
});

describe('two machines that live on from one copy', () => {
  it('never charge a second twice; the one that comes second is told and goes on in a log of its own', async () => {
    const [ours, theirs] = [await wallet(3600), await wallet(3600)];
    const here = await start('store');
    const common = await wholeTalk(here, ours, 10);
    await cp(folder('store'), folder('copy'), { recursive: true });
    const there = await start('copy');
    expect(there.metering.quarantinedEpochs).toBe(0);
    const mine = await wholeTalk(here, ours, 20);

    const talk = await beginTalk(there.metering, theirs.userId, theirs.visitId);
    await talkFor(there.clock, talk, 25);
    await waitFor(there.clock, () => there.metering.quarantinedEpochs === 1, 'the fork to be found');
    await talkFor(there.clock, talk, 10);
    const { chargedSeconds } = talk.end('customer');
    await waitFor(there.clock, () => there.metering.backlogRows === 0, 'the rows of the new log');
    expect(there.metering.health()['usage_sync']).toMatch(ALARM);
    const [kept, current] = verifyUsage(folder('copy'), TEST_MAC_KEY).epochs;
    expect([kept?.state, current?.state]).toEqual(['quarantined', 'current']);

    // What was written before the fork showed is in the log kept aside, to be looked at; all else is charged.
    const keptAside = keptAsideSeconds(talk.talkId);
    expect(keptAside).toBeLessThanOrEqual(chargedSeconds);
    expect(await spentOf(theirs)).toBe(chargedSeconds - keptAside);
    expect(await spentOf(ours)).toBe(common + mine);
    expect(await balanceAt(kiosk, theirs.userId)).toMatchObject({ heldSeconds: 0 });

    // Both go on, each in its own log.
    const [more, others] = [await wholeTalk(here, ours, 5), await wholeTalk(there, theirs, 5)];
    expect(here.metering.quarantinedEpochs).toBe(0);
    expect(here.metering.health()['usage_sync']).toBe('ok');
    expect(await spentOf(ours)).toBe(common + mine + more);
    expect(await spentOf(theirs)).toBe(chargedSeconds - keptAside + others);
    await booksAreRight();
  });

  /** Seconds of a talk in the log that was kept aside, as the operator exports them. */
  function keptAsideSeconds(talkId: string): number {
    const rows = exportUsage(folder('copy'), TEST_MAC_KEY);
    const seconds = rows.map((row) =>
      'standing' in row && row.talkId === talkId && row.standing === 'quarantined' ? row.seconds : 0,
    );
    return seconds.reduce((sum, second) => sum + second, 0);
  }
});
