/**
 * The end of a run: every fault is mended, and then all must come right by itself. Nothing waits any more, every lease
 * is closed, every row the kiosks wrote has arrived, and a wallet with time left opens and talks.
 */
import { total } from './books/cards.ts';
import { isRunning } from './books/leases.ts';
import { checkAll, logsOf } from './checks.ts';
import { reviveDead } from './operations-faults.ts';
import { sweep } from './operations-money.ts';
import { must } from './violation.ts';
import type { WitnessedEpoch } from './witness.ts';
import type { World } from './world.ts';

const CATCH_UP_SECONDS = 240;
const SETTLE_AFTER_MS = 9 * 24 * 3600 * 1000;

export async function heal(world: World): Promise<void> {
  world.note('everything is mended');
  const leasesOfDelayed = await lateArrivals(world);
  for (const station of world.stations) {
    Object.assign(station.door, { isLinked: true, trouble: 0, deathAt: null });
    station.isHealthy = true;
    station.clock.moveWall(world.nowMs - station.clock.wallMs());
    station.endTalk();
  }
  await reviveDead(world);
  await sweep(world, Number.POSITIVE_INFINITY);
  await world.pass(CATCH_UP_SECONDS);
  await checkAll(world);
  const whole = wholeLogs(world);
  checkNothingLost(world, whole);
  checkLeasesClosed(world, whole, leasesOfDelayed);
  await checkSettling(world);
  await checkTalking(world);
  await checkAll(world);
}

/** Requests still on their way arrive; the leases they may open are known to nobody. */
async function lateArrivals(world: World): Promise<Set<string>> {
  const leases = new Set<string>();
  for (const { device, call } of world.delayed.splice(0)) {
    if (call.name === 'open_lease') leases.add(call.leaseId);
    await world.ask(world.desk.kiosk(device, call));
  }
  return leases;
}

/** Logs of living kiosks that were never set aside: all of their rows must have arrived, in their order. */
function wholeLogs(world: World): WitnessedEpoch[] {
  return world.stations.flatMap((station) => {
    must(station.store.backlogRows === 0, `${station.name} still has unsent rows`, {
      rows: station.store.backlogRows,
      health: station.core.health(),
    });
    must(station.store.leases.notClosed.length === 0, `${station.name} has leases it did not close`, {
      leases: station.store.leases.notClosed,
    });
    return logsOf(world, station).filter((log) => {
      const head = station.store.head(log.epoch);
      return head !== null && head.state !== 'quarantined';
    });
  });
}

function checkNothingLost(world: World, whole: readonly WitnessedEpoch[]): void {
  for (const { kioskId, epoch, rows } of whole) {
    const stream = world.desk.state.streams.get(`${kioskId}|${epoch}`);
    const hashes = rows.map((row) => row.hash);
    const arrived = stream?.hashes ?? [];
    const firstOther = hashes.findIndex((hash, index) => hash !== arrived[index]);
    must(firstOther < 0 && hashes.length === arrived.length, 'rows are missing on the server', {
      epoch,
      written: hashes.length,
      arrived: arrived.length,
      firstOther,
    });
  }
  // Each second written is spent, or was kept aside by rule, lease by lease.
  const taken = new Map<string, number>();
  for (const { kioskId, epoch, rows } of whole) {
    const parked = new Set(world.desk.state.streams.get(`${kioskId}|${epoch}`)?.parked.map(({ seq }) => seq));
    for (const row of rows) {
      if (row.kind !== 'tick' || parked.has(row.seq)) continue;
      taken.set(row.leaseId ?? '', (taken.get(row.leaseId ?? '') ?? 0) + row.seconds);
    }
  }
  const torn = tornLeases(world, whole);
  for (const { leaseId, spentSeconds } of world.desk.state.leases.values()) {
    const seconds = taken.get(leaseId) ?? 0;
    const isRight = torn.has(leaseId) ? spentSeconds >= seconds : spentSeconds === seconds;
    must(isRight, 'spent and written seconds of a lease differ', { leaseId, spentSeconds, seconds });
  }
}

/** Leases of which some rows lie on disks that are gone, or in logs that were set aside. */
function tornLeases({ witness }: World, whole: readonly WitnessedEpoch[]): Set<string> {
  const torn = new Set(witness.damagedLeases);
  for (const log of witness.epochs.values()) {
    if (whole.includes(log)) continue;
    for (const row of log.rows) torn.add(row.leaseId ?? '');
  }
  return torn;
}

function checkLeasesClosed(
  world: World,
  whole: readonly WitnessedEpoch[],
  lateOpened: ReadonlySet<string>,
): void {
  const torn = tornLeases(world, whole);
  for (const { leaseId, status, kioskId } of world.desk.state.leases.values()) {
    const isOrphan =
      torn.has(leaseId) ||
      world.takenBack.has(leaseId) ||
      world.witness.restoredKiosks.has(kioskId) ||
      lateOpened.has(leaseId) ||
      world.devices.get(kioskId)?.revoked === true;
    must(isOrphan || !['open', 'lapsed'].includes(status), 'a lease was left open', { leaseId, status });
  }
}

/** What nobody will ever report is the customers' again after seven days. */
async function checkSettling(world: World): Promise<void> {
  world.nowMs += SETTLE_AFTER_MS;
  for (const station of world.stations) station.clock.freeze(SETTLE_AFTER_MS);
  await world.ask(world.desk.settleSilent());
  await world.ask(world.desk.cleanUp());
  const { leases, cards } = world.desk.state;
  must(![...leases.values()].some(isRunning), 'a silent lease was not settled');
  for (const card of cards.values()) {
    must(total(card.at.held) === 0, 'seconds are held by no lease', card);
    // What was spent before it could be taken back stays owed; what is there may not.
    must(card.refundOwedSeconds === 0 || card.at.available.paid === 0, 'a refund was not taken back', card);
  }
}

/** Every kiosk works for a wallet that has time. */
async function checkTalking(world: World): Promise<void> {
  const card = [...world.desk.state.cards.values()].find(
    (one) =>
      one.status === 'active' &&
      !one.codeRetired &&
      one.expiresAtUs > (world.nowMs + 3_600_000) * 1000 &&
      total(one.at.available) >= 60,
  );
  for (const station of world.stations) {
    if (!card?.userId) return;
    const kioskId = station.device.kioskId;
    const visitId = world.random.uuid();
    await world.ask(world.desk.redeem({ lookup: card.lookup, kioskId, visitId, userId: null }));
    const outcome = await station.openTalk(world.random.uuid(), { userId: card.userId, visitId });
    must(outcome === 'begun', `${station.name} can't talk after all was mended`, { outcome });
    await world.pass(6);
    must((station.talk?.chargedSeconds ?? 0) >= 3, `${station.name} does not charge after all was mended`);
    station.endTalk();
    await world.pass(2);
    must(station.store.backlogRows === 0, `${station.name} has not sent its talk`);
  }
}
