/**
 * Metering end to end over the embedded Supabase and Postgres: what the account charged, what the store holds and what
 * the ledger says are the same number, whatever was cut off, killed or used from two kiosks at once.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import SqliteDatabase from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MeteringEvent } from '../../../src-station/metering/contract.ts';
import type { StationMetering } from '../../../src-station/metering/index.ts';
import {
  balanceAt,
  buyCard,
  expireIn,
  type Kiosk,
  ledgerProblems,
  redeem,
} from '../../support/database/database-kit.ts';
import { startTcpGate, type TcpGate } from '../../support/processes/tcp-gate.ts';
import {
  beginTalk,
  type DeviceAccount,
  enrolKiosk,
  startMetering,
  talkFor,
  waitFor,
} from '../../support/station/metering.ts';
import { startTestSupabase, type TestSupabase } from '../../support/supabase/supabase.ts';

const CHILD = fileURLToPath(new URL('../../support/programs/metering-child.ts', import.meta.url));

let supabase: TestSupabase;
let gate: TcpGate;
let kiosk: Kiosk;
let account: DeviceAccount;
let dir: string;
const running: StationMetering[] = [];

beforeAll(async () => {
  supabase = await startTestSupabase();
  gate = await startTcpGate(Number(new URL(supabase.url).port));
});
afterAll(async () => {
  await gate?.shut();
  await supabase?.stop();
});
beforeEach(async () => {
  ({ kiosk, account } = await enrolKiosk(supabase));
  dir = await mkdtemp(join(tmpdir(), 'metering-'));
});
afterEach(async () => {
  for (const metering of running.splice(0)) await metering.stop();
  await rm(dir, { recursive: true, force: true });
});

async function start(storeDir = join(dir, 'store'), device = account) {
  const { url } = gate;
  const station = await startMetering({ storeDir, url, anonKey: supabase.anonKey, account: device });
  running.push(station.metering);
  return station;
}

async function stop(metering: StationMetering): Promise<void> {
  running.splice(running.indexOf(metering), 1);
  await metering.stop();
}

/** A wallet of one card, open at our kiosk. */
async function wallet(paidSeconds: number) {
  const card = await buyCard(supabase.database, { paidSeconds });
  const visitId = randomUUID();
  const { userId } = await redeem(supabase.database, kiosk, card.lookup, visitId);
  await expireIn(supabase.database, card.cardId, '100 days');
  return { userId, visitId, lookup: card.lookup };
}

async function spentOf(userId: string): Promise<number> {
  const { rows } = await supabase.database.admin.query(
    `select coalesce(sum(paid_spent_seconds + bonus_spent_seconds), 0)::int as spent
     from public.time_cards where user_id = $1`,
    [userId],
  );
  return rows[0]?.spent;
}

async function sessionOf(talkId: string) {
  const { rows } = await supabase.database.admin.query(
    'select seconds, end_reason, kiosk_id from public.voice_sessions where id = $1',
    [talkId],
  );
  return rows[0];
}

async function leasesOf(userId: string) {
  const { rows } = await supabase.database.admin.query(
    `select kiosk_id, status, granted_seconds, spent_seconds from public.leases
     where user_id = $1 order by created_at`,
    [userId],
  );
  return rows;
}

/** Seconds in the station's own log. */
function secondsInStore(storeDir = join(dir, 'store')): number {
  const database = new SqliteDatabase(join(storeDir, 'usage.sqlite'), { readonly: true });
  const row = database.prepare<[], { total: number }>('SELECT sum(seconds) AS total FROM usage_rows').get();
  database.close();
  return row?.total ?? 0;
}

describe('a talk over the real database', () => {
  it('charges the same in the account, the store and the ledger', async () => {
    const { userId, visitId } = await wallet(3600);
    const { metering, clock } = await start();
    const events: MeteringEvent[] = [];
    metering.onEvent((event) => events.push(event));
    const talk = await beginTalk(metering, userId, visitId);
    expect(talk.remainingSeconds).toBe(3600);
    await talkFor(clock, talk, 700);
    expect(talk.chargedSeconds).toBe(700);
    expect(talk.remainingSeconds).toBe(2900);
    expect((await metering.balance(userId))?.heldSeconds).toBeGreaterThan(0);
    const totals = talk.end('customer');
    await waitFor(clock, () => metering.isSettled(talk.talkId), 'the last rows');
    expect(events.filter((event) => event.type === 'settled')).toHaveLength(1);
    expect(await spentOf(userId)).toBe(totals.chargedSeconds);
    expect(await balanceAt(kiosk, userId)).toMatchObject({ availableSeconds: 2900, heldSeconds: 0 });
    expect(await sessionOf(talk.talkId)).toMatchObject({ seconds: 700, end_reason: 'customer' });
    expect(metering.health()).toEqual({ database: 'ok', usage_store: 'ok', usage_sync: 'ok' });
    await stop(metering);
    expect(secondsInStore()).toBe(700);
    expect(await ledgerProblems(supabase.database)).toEqual([]);
  });

  it('uses the wallet up to its last second and not beyond', async () => {
    const { userId, visitId } = await wallet(1000);
    const { metering, clock } = await start();
    const talk = await beginTalk(metering, userId, visitId);
    await talkFor(clock, talk, 1200);
    expect(talk.state).toBe('ended');
    expect(talk.end('time_up').chargedSeconds).toBe(1000);
    await waitFor(clock, () => metering.isSettled(talk.talkId), 'the last rows');
    expect(await spentOf(userId)).toBe(1000);
    expect(await metering.openTalk({ talkId: randomUUID(), visitId, userId })).toBe('no_time_left');
    expect(await ledgerProblems(supabase.database)).toEqual([]);
  });

  it('goes on with the seconds of a card bought during the talk', async () => {
    const { userId, visitId } = await wallet(30);
    const { metering, clock } = await start();
    const talk = await beginTalk(metering, userId, visitId);
    talk.setPaymentPending(true);
    await talkFor(clock, talk, 60);
    expect(talk.state).toBe('waiting_for_payment');
    const card = await buyCard(supabase.database, { paidSeconds: 100 });
    await redeem(supabase.database, kiosk, card.lookup, visitId, userId);
    talk.setPaymentPending(false);
    talk.refresh();
    await expect.poll(() => talk.remainingSeconds, { interval: 5 }).toBeGreaterThan(0);
    await talkFor(clock, talk, 20);
    expect(talk.state).toBe('charging');
    expect(talk.end('customer').chargedSeconds).toBeGreaterThanOrEqual(48);
    await waitFor(clock, () => metering.isSettled(talk.talkId), 'the last rows');
    expect(await spentOf(userId)).toBe(talk.chargedSeconds);
  });

  it('refuses a wallet without a grant of this visit, and a revoked kiosk', async () => {
    const { userId } = await wallet(100);
    const { metering } = await start();
    const stranger = { talkId: randomUUID(), visitId: randomUUID(), userId };
    expect(await metering.openTalk(stranger)).toBe('no_time_left');
    await supabase.database.admin.query('update public.kiosks set revoked_at = now() where id = $1', [
      kiosk.kioskId,
    ]);
    expect(await metering.openTalk(stranger)).toBe('kiosk_revoked');
  });
});

describe('an outage in the middle', () => {
  it('talks on, keeps the backlog over a restart and catches up, each second once', async () => {
    const { userId, visitId } = await wallet(3600);
    const first = await start();
    const talk = await beginTalk(first.metering, userId, visitId);
    await talkFor(first.clock, talk, 20);
    await gate.shut();
    await talkFor(first.clock, talk, 200);
    expect(talk.chargedSeconds).toBe(220);
    await waitFor(first.clock, () => !first.metering.databaseReachable, 'the outage to show');
    expect(talk.end('customer').chargedSeconds).toBe(talk.chargedSeconds);
    const { chargedSeconds, talkId } = talk;
    expect(first.metering.isSettled(talkId)).toBe(false);
    const stranger = { talkId: randomUUID(), visitId: randomUUID(), userId };
    expect(await first.metering.openTalk(stranger)).toBe('database_unreachable');
    await stop(first.metering);
    await gate.open();
    const second = await start();
    expect(second.metering.interruptedTalk).toBeNull();
    await waitFor(second.clock, () => second.metering.isSettled(talkId), 'the backlog');
    // The lease that was asked for in vain is closed by a row of its own, after those of the talk.
    await waitFor(second.clock, () => second.metering.backlogRows === 0, 'every row to be sent');
    expect(await spentOf(userId)).toBe(chargedSeconds);
    expect(await balanceAt(kiosk, userId)).toMatchObject({ heldSeconds: 0 });
    expect(await ledgerProblems(supabase.database)).toEqual([]);
  });
});

describe('a talk that ends during an outage', () => {
  it('is followed by another under the same lease; both are booked once when the database is back', async () => {
    const { userId, visitId, lookup } = await wallet(1500);
    const { metering, clock } = await start();
    const first = await beginTalk(metering, userId, visitId);
    await talkFor(clock, first, 20);
    await gate.shut();
    await talkFor(clock, first, 100);
    expect(first.end('customer').chargedSeconds).toBe(120);
    expect(metering.keptSeconds).toBe(780);

    // Meanwhile the rest of the wallet is free for others, what is reserved here is not.
    const other = await enrolKiosk(supabase);
    const otherVisit = randomUUID();
    await redeem(supabase.database, other.kiosk, lookup, otherVisit);
    const elsewhere = await other.kiosk.rpc('open_lease', {
      p_lease_id: randomUUID(),
      p_user_id: userId,
      p_visit_id: otherVisit,
      p_seconds: 900,
    });
    expect(elsewhere).toMatchObject({ grantedSeconds: 600, availableSeconds: 0 });

    const second = await beginTalk(metering, userId, visitId);
    await talkFor(clock, second, 200);
    expect(second.end('customer').chargedSeconds).toBe(200);
    const third = await beginTalk(metering, userId, visitId);
    await talkFor(clock, third, 600);
    expect(third.end('time_up').chargedSeconds).toBe(580);
    expect(metering.keptSeconds).toBe(0);
    const refused = await metering.openTalk({ talkId: randomUUID(), visitId, userId });
    expect(refused).toBe('database_unreachable');

    await gate.open();
    await waitFor(clock, () => metering.databaseReachable && metering.backlogRows === 0, 'every row');
    for (const [talk, seconds] of [
      [first, 120],
      [second, 200],
      [third, 580],
    ] as const) {
      expect(metering.isSettled(talk.talkId)).toBe(true);
      expect(await sessionOf(talk.talkId)).toMatchObject({ seconds });
    }
    expect(await spentOf(userId)).toBe(900);
    expect(await balanceAt(kiosk, userId)).toMatchObject({ availableSeconds: 0, heldSeconds: 600 });
    expect(await leasesOf(userId)).toEqual([
      { kiosk_id: kiosk.kioskId, status: 'closed', granted_seconds: 900, spent_seconds: 900 },
      { kiosk_id: other.kiosk.kioskId, status: 'open', granted_seconds: 600, spent_seconds: 0 },
    ]);
    expect(metering.parkedRows).toBe(0);
    expect(await ledgerProblems(supabase.database)).toEqual([]);
  });

  it('gives its seconds back as soon as the database is there, also when nobody talks on', async () => {
    const { userId, visitId } = await wallet(3600);
    const { metering, clock } = await start();
    const talk = await beginTalk(metering, userId, visitId);
    await talkFor(clock, talk, 5);
    await gate.shut();
    await talkFor(clock, talk, 10);
    talk.end('customer');
    await waitFor(clock, () => !metering.databaseReachable, 'the outage to show');
    expect(metering.keptSeconds).toBe(885);
    expect(await balanceAt(kiosk, userId)).toMatchObject({ availableSeconds: 2700 });
    await gate.open();
    await waitFor(clock, () => metering.isSettled(talk.talkId), 'the last rows');
    expect(metering.keptSeconds).toBe(0);
    expect(await balanceAt(kiosk, userId)).toMatchObject({ availableSeconds: 3585, heldSeconds: 0 });
    expect(await ledgerProblems(supabase.database)).toEqual([]);
  });

  it('gives its seconds back at the next start when the station is killed meanwhile', async () => {
    const { userId, visitId } = await wallet(3600);
    const first = await start();
    const talk = await beginTalk(first.metering, userId, visitId);
    await talkFor(first.clock, talk, 5);
    await gate.shut();
    await talkFor(first.clock, talk, 10);
    talk.end('customer');
    expect(first.metering.keptSeconds).toBe(885);
    // What a kill at this moment would leave on the disk.
    await cp(join(dir, 'store'), join(dir, 'killed'), { recursive: true });
    await stop(first.metering);
    await gate.open();
    const second = await start(join(dir, 'killed'));
    expect(second.metering.interruptedTalk).toBeNull();
    await waitFor(second.clock, () => second.metering.backlogRows === 0, 'every row');
    expect(await spentOf(userId)).toBe(15);
    expect(await balanceAt(kiosk, userId)).toMatchObject({ availableSeconds: 3585, heldSeconds: 0 });
    expect(await ledgerProblems(supabase.database)).toEqual([]);
  });
});

describe('two kiosks on one wallet', () => {
  it('share its seconds and never overspend it', async () => {
    const { userId, visitId, lookup } = await wallet(1000);
    const other = await enrolKiosk(supabase);
    const otherVisit = randomUUID();
    await redeem(supabase.database, other.kiosk, lookup, otherVisit);
    const here = await start();
    const there = await start(join(dir, 'other'), other.account);
    const talkHere = await beginTalk(here.metering, userId, visitId);
    const talkThere = await beginTalk(there.metering, userId, otherVisit);
    expect(talkThere.remainingSeconds).toBe(100);
    await Promise.all([talkFor(here.clock, talkHere, 600), talkFor(there.clock, talkThere, 600)]);
    expect(talkThere.end('time_up').chargedSeconds).toBe(100);
    expect(talkHere.end('customer').chargedSeconds).toBe(600);
    await waitFor(here.clock, () => here.metering.isSettled(talkHere.talkId), 'the rows of here');
    await waitFor(there.clock, () => there.metering.isSettled(talkThere.talkId), 'the rows of there');
    expect(await spentOf(userId)).toBe(700);
    expect(await balanceAt(kiosk, userId)).toMatchObject({ availableSeconds: 300, heldSeconds: 0 });
    expect(await ledgerProblems(supabase.database)).toEqual([]);
  });
});

describe('a kill in the middle of a talk', () => {
  it.each([15, 60, 130])(
    'loses no acknowledged second and charges each once (killed at %i)',
    async (seconds) => {
      const { userId, visitId } = await wallet(3600);
      const setup = { storeDir: join(dir, 'store'), url: gate.url, anonKey: supabase.anonKey, account };
      const told = await chargeUntilKilled({ ...setup, userId, visitId }, seconds);
      expect(told).toBeGreaterThanOrEqual(seconds);
      const { metering, clock } = await start();
      const talk = metering.interruptedTalk;
      // Seconds that were recorded but not printed any more may be there; printed ones must be.
      expect(talk?.chargedSeconds).toBeGreaterThanOrEqual(told);
      expect(talk?.chargedSeconds).toBeLessThanOrEqual(told + 2);
      expect(talk).toMatchObject({ userId, visitId, endReason: 'station_restarted' });
      await waitFor(clock, () => metering.isSettled(talk?.talkId ?? ''), 'the rows of the killed talk');
      expect(await spentOf(userId)).toBe(talk?.chargedSeconds);
      expect(await balanceAt(kiosk, userId)).toMatchObject({ heldSeconds: 0 });
      expect(await sessionOf(talk?.talkId ?? '')).toMatchObject({ end_reason: 'station_restarted' });
      expect(metering.health()['usage_store']).toBe('ok');
      expect(await ledgerProblems(supabase.database)).toEqual([]);
      await beginTalk(metering, userId, visitId);
    },
  );
});

/** Runs the child and kills it with SIGKILL once it has printed `seconds`; returns the last number it printed. */
async function chargeUntilKilled(setup: object, seconds: number): Promise<number> {
  const child = spawn(process.execPath, [CHILD], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], METERING_SETUP: JSON.stringify(setup) },
  });
  let last = 0;
  let fault = '';
  child.stderr.on('data', (chunk: Buffer) => {
    fault += chunk.toString();
  });
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) last = Number(line);
    if (last >= seconds) child.kill('SIGKILL');
  });
  const deadline = setTimeout(() => child.kill('SIGKILL'), 30_000);
  await new Promise<void>((resolve) => child.once('close', () => resolve()));
  clearTimeout(deadline);
  if (last < seconds) throw new Error(`the child ended early: ${fault}`);
  return last;
}
