/**
 * The device account's token runs out in the middle of an outage, against the embedded Supabase API. Promise: it never
 * ends a talk, nothing is lost, and the station signs in afresh by itself.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { TalkAccount } from '../../../src-station/metering/contract.ts';
import {
  balanceAt,
  type Kiosk,
  ledgerProblems,
  makeWallet,
  type Wallet,
} from '../../support/database/database-kit.ts';
import { startTcpGate, type TcpGate } from '../../support/processes/tcp-gate.ts';
import { beginTalk, enrolKiosk, startMetering, talkFor, waitFor } from '../../support/station/metering.ts';
import { startTestSupabase, type TestSupabase } from '../../support/supabase/supabase.ts';
import { startTokenProxy, type TokenProxy } from '../../support/supabase/token-proxy.ts';

const MINUTE_MS = 60_000;

let supabase: TestSupabase;
let proxy: TokenProxy;
let gate: TcpGate;
let dir: string;
let kiosk: Kiosk;
let wallet: Wallet;
let station: Awaited<ReturnType<typeof startMetering>>;

beforeAll(async () => {
  supabase = await startTestSupabase();
});
afterAll(() => supabase?.stop());
beforeEach(async () => {
  proxy = await startTokenProxy(supabase);
  gate = await startTcpGate(proxy.port);
  dir = await mkdtemp(join(tmpdir(), 'metering-token-'));
  const enrolled = await enrolKiosk(supabase);
  kiosk = enrolled.kiosk;
  wallet = await makeWallet(supabase.database, kiosk, [{ paidSeconds: 3600 }]);
  station = await startMetering({
    storeDir: join(dir, 'store'),
    url: gate.url,
    anonKey: supabase.anonKey,
    account: enrolled.account,
  });
  expect(proxy.signIns).toBe(1);
});
afterEach(async () => {
  await station?.metering.stop();
  await gate?.shut();
  await proxy?.stop();
  await rm(dir, { recursive: true, force: true });
});

const begin = () => beginTalk(station.metering, wallet.userId, wallet.visitId);

async function endAndSettle(talk: TalkAccount): Promise<void> {
  const { chargedSeconds } = talk.end('customer');
  const { metering, clock } = station;
  await waitFor(clock, () => metering.isSettled(talk.talkId), 'the rows to arrive');
  await waitFor(clock, () => metering.backlogRows === 0, 'every row to arrive');
  const { rows } = await supabase.database.admin.query<{ spent: number }>(
    'select sum(paid_spent_seconds + bonus_spent_seconds)::int as spent from public.time_cards where user_id = $1',
    [wallet.userId],
  );
  expect(rows).toEqual([{ spent: chargedSeconds }]);
  expect(await balanceAt(kiosk, wallet.userId)).toMatchObject({ heldSeconds: 0 });
  expect(metering.health()).toEqual({ database: 'ok', usage_store: 'ok', usage_sync: 'ok' });
  expect(await ledgerProblems(supabase.database)).toEqual([]);
}

it('runs out during the outage by the kiosk’s own clock: the talk goes on, and more time is had afterwards', async () => {
  const { metering, clock } = station;
  // Tokens live an hour; this one is old when the talk begins.
  clock.advance(50 * MINUTE_MS);
  const talk = await begin();
  await talkFor(clock, talk, 10);
  await gate.shut();
  await talkFor(clock, talk, 700);
  expect(talk.state).toBe('charging');
  expect(talk.chargedSeconds).toBe(710);
  expect(metering.databaseReachable).toBe(false);
  proxy.expireTokens();
  await gate.open();
  await waitFor(clock, () => metering.databaseReachable, 'the database to be back');
  expect(proxy.signIns).toBe(2);
  // Beyond the lease that was there before the outage.
  for (let round = 0; talk.chargedSeconds <= 900 && round < 100; round += 1) await talkFor(clock, talk, 10);
  expect(talk.chargedSeconds).toBeGreaterThan(900);
  await endAndSettle(talk);
});

it('runs out while the kiosk believes it good: refused by the server, renewed, sent once', async () => {
  const { metering, clock } = station;
  const talk = await begin();
  await talkFor(clock, talk, 10);
  await gate.shut();
  await talkFor(clock, talk, 100);
  expect(talk.chargedSeconds).toBe(110);
  proxy.expireTokens();
  await gate.open();
  await waitFor(clock, () => metering.databaseReachable, 'the database to be back');
  expect(proxy.refusals).toBeGreaterThan(0);
  expect(proxy.signIns).toBe(2);
  await endAndSettle(talk);
});

it('runs out and can not be renewed, since only the sign-in is still away: the talk goes on, the rows wait', async () => {
  const { metering, clock } = station;
  const talk = await begin();
  await talkFor(clock, talk, 10);
  await waitFor(clock, () => metering.backlogRows === 0, 'the first rows');
  proxy.expireTokens();
  proxy.signInWorks = false;
  await talkFor(clock, talk, 100);
  await waitFor(clock, () => !metering.databaseReachable, 'the refusal to show');
  await talkFor(clock, talk, 50);
  expect(talk.state).toBe('charging');
  expect(metering.backlogRows).toBeGreaterThan(100);
  expect(proxy.refusals).toBeGreaterThan(0);
  proxy.signInWorks = true;
  await endAndSettle(talk);
  expect(proxy.signIns).toBe(2);
});
