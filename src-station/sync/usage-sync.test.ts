import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../../src-runtime/log.ts';
import { backoffMs } from '../../src-shared/retry.ts';
import { ManualClock } from '../clock.test-kit.ts';
import { FakeServer, type Fault } from '../metering/server.test-kit.ts';
import { testFolder } from '../store/folder.test-kit.ts';
import { type UsageEntry, UsageStore } from '../store/index.ts';
import { USAGE_RETRY, UsageSync } from './usage-sync.ts';

vi.setConfig({ testTimeout: 30_000 });

const log = createLogger({ service: 'test', level: 'silent' });
const USER = randomUUID();
const TALK = randomUUID();

let dir: string;
let store: UsageStore;
let server: FakeServer;
let clock: ManualClock;
let sync: UsageSync;
let leaseId: string;

async function begin(): Promise<void> {
  dir = testFolder('usage-sync');
  clock = new ManualClock();
  store = openStore();
  server = new FakeServer();
  server.wallets.set(USER, 3600);
  leaseId = randomUUID();
  await server.openLease(leaseId, USER, randomUUID(), 900);
  server.calls.length = 0;
  sync = newSync();
}
function finish(): void {
  sync.stop();
  store.close();
  rmSync(dir, { recursive: true, force: true });
}
beforeEach(begin);
afterEach(finish);

function openStore(): UsageStore {
  return new UsageStore({ dir, key: new Uint8Array(32), wallMs: () => clock.wallMs(), lockWaitMs: 0 });
}
function newSync(): UsageSync {
  return new UsageSync({
    store,
    database: server,
    clock,
    log,
    random: () => 0.5,
    onAnswer: () => undefined,
  });
}
function tick(kind: UsageEntry['kind'] = 'tick'): UsageEntry {
  const ids = { talkId: TALK, leaseId, userId: USER, visitId: null };
  return { kind, ...ids, seconds: kind === 'tick' ? 1 : 0, note: '', atMs: clock.wallMs() };
}
function write(count: number): void {
  store.append(Array.from({ length: count }, () => tick()));
}
const spent = () => server.spent.get(USER) ?? 0;

describe('sending', () => {
  it('sends everything in batches, in order, and then rests', async () => {
    write(880);
    expect(await sync.flush()).toBe(true);
    expect(server.calls).toEqual(['postUsage', 'postUsage']);
    expect(server.rows.map((row) => row.seq)).toEqual(Array.from({ length: 880 }, (_x, index) => index + 1));
    expect(sync.healthLine).toBe('ok');
    await clock.advanceAsync(120_000);
    expect(server.calls).toHaveLength(2);
  });

  it('sends every five seconds while talking', async () => {
    sync.setTalking(true);
    for (let second = 0; second < 12; second++) {
      write(1);
      await clock.advanceAsync(1_000);
    }
    expect(server.calls).toHaveLength(2);
    expect(spent()).toBe(10);
    sync.setTalking(false);
  });

  it('counts rows once whose answer was lost', async () => {
    write(10);
    let first = true;
    server.fault = () => {
      const fault: Fault = first ? 'lost' : null;
      first = false;
      return fault;
    };
    expect(await sync.flush()).toBe(false);
    expect(sync.healthLine).toMatch(/10 usage rows wait/);
    write(5);
    expect(await sync.flush()).toBe(true);
    expect(spent()).toBe(15);
  });

  it('backs off while the server is away and goes on at once when it is back', async () => {
    server.setReachable(false);
    write(3);
    sync.nudge();
    await clock.advanceAsync(60_000);
    expect(server.calls.length).toBeGreaterThan(3);
    expect(server.calls.length).toBeLessThan(9);
    server.setReachable(true);
    await clock.advanceAsync(0);
    expect(store.backlogRows).toBe(0);
    expect(spent()).toBe(3);
  });

  it('keeps what is unsent over a restart of the station', async () => {
    server.setReachable(false);
    write(7);
    await sync.flush();
    sync.stop();
    store.close();
    store = openStore();
    sync = newSync();
    server.setReachable(true);
    await clock.advanceAsync(0);
    expect(spent()).toBe(7);
  });
});

describe('a server that says something else', () => {
  it('notes parked rows, shows them and goes on', async () => {
    const lease = server.leases.get(leaseId);
    if (lease) lease.open = false;
    write(2);
    expect(await sync.flush()).toBe(true);
    expect(store.notes.parkedLately.map((row) => row.seq)).toEqual([1, 2]);
    expect(sync.healthLine).toMatch(/kept 2 usage rows aside.*lease_closed/);
  });

  it('sends again what a restored server has lost', async () => {
    write(10);
    await sync.flush();
    const stream = server.streams.get(store.epoch);
    stream?.hashes.splice(6);
    write(2);
    expect(await sync.flush()).toBe(false);
    expect(store.quarantined).toEqual([]);
    expect(await sync.flush()).toBe(true);
    expect(stream?.hashes).toHaveLength(12);
  });

  it('asks a server that was away where it stands, also when nothing is unsent', async () => {
    write(10);
    await sync.flush();
    const stream = server.streams.get(store.epoch);
    stream?.hashes.splice(6);
    server.setReachable(false);
    server.setReachable(true);
    await clock.advanceAsync(5_000);
    expect(stream?.hashes).toHaveLength(10);
    expect(sync.healthLine).toBe('ok');
  });

  it('finds at its start that the disk was put back, before anything is written to the old log', async () => {
    write(4);
    await sync.flush();
    const old = store.epoch;
    server.streams.get(old)?.hashes.push('f'.repeat(64));
    sync.stop();
    sync = newSync();
    sync.nudge();
    await clock.advanceAsync(0);
    expect(store.quarantined).toEqual([old]);
    write(3);
    expect(await sync.flush()).toBe(true);
    expect(server.streams.get(store.epoch)?.hashes).toHaveLength(3);
  });

  it('keeps an epoch aside whose history is another one, and goes on in a new one', async () => {
    write(4);
    await sync.flush();
    const forked = store.epoch;
    server.streams.get(forked)?.hashes.push('f'.repeat(64));
    write(2);
    await sync.flush();
    expect(store.quarantined).toEqual([forked]);
    expect(sync.healthLine).toMatch(/another history/);
    write(3);
    expect(await sync.flush()).toBe(true);
    expect(server.streams.get(store.epoch)?.hashes).toHaveLength(3);
  });

  it('does not begin epoch after epoch when the server refuses what it should know', async () => {
    server.refusal = 'stream_forked';
    write(2);
    await sync.flush();
    await clock.advanceAsync(300_000);
    expect(store.quarantined).toEqual([]);
    expect(sync.healthLine).toMatch(/stream_forked/);
    server.refusal = null;
    expect(await sync.flush()).toBe(true);
    expect(spent()).toBe(2);
  });
});

describe('whatever is lost, doubled or late', () => {
  it('counts every second exactly once', async () => {
    const faults = fc.array(fc.constantFrom<Fault>('lost', 'late', null), { maxLength: 30 });
    const writes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(faults, writes, async (script, amounts) => {
        finish();
        await begin();
        const queue = [...script];
        server.fault = () => queue.shift() ?? null;
        sync.setTalking(true);
        for (const amount of amounts) {
          write(amount);
          sync.nudge();
          await clock.advanceAsync(3_000);
        }
        await clock.advanceAsync(600_000);
        const total = amounts.reduce((sum, amount) => sum + amount, 0);
        expect(spent()).toBe(total);
        expect(store.backlogRows).toBe(0);
        expect(store.notes.parkedLately).toEqual([]);
      }),
      { numRuns: 15 },
    );
  }, 20_000);
});

describe('wait before usage is sent again', () => {
  it('grows from one second to one minute, with jitter', () => {
    expect(backoffMs(USAGE_RETRY, 1, 0)).toBe(1_000);
    expect(backoffMs(USAGE_RETRY, 1, 1)).toBe(2_000);
    expect(backoffMs(USAGE_RETRY, 3, 1)).toBe(8_000);
    expect(backoffMs(USAGE_RETRY, 50, 1)).toBe(60_000);
    expect(backoffMs(USAGE_RETRY, 50, 0)).toBe(30_000);
  });
});
