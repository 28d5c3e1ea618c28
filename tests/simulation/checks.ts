/**
 * What must hold. `checkQuick` after each step; `checkAll` now and then: the server's own proof, every book of the
 * server against the oracle, and the oracle against what the kiosks really wrote.
 */
import { isDeepStrictEqual } from 'node:util';
import { BUCKETS, type CardBook } from './books/state.ts';
import type { Station } from './station.ts';
import { must } from './violation.ts';
import type { WitnessedEpoch } from './witness.ts';
import type { World } from './world.ts';

export function checkQuick(world: World): void {
  for (const { talk, name } of world.stations) {
    if (!talk) continue;
    const written = world.witness.talkSeconds.get(talk.talkId) ?? 0;
    must(talk.chargedSeconds === written, `${name} has charged seconds that it has not written`, {
      charged: talk.chargedSeconds,
      written,
    });
    must(talk.remainingSeconds >= 0, `${name} has less than nothing left`);
  }
  if (world.witness.fault) throw world.witness.fault;
}

export async function checkAll(world: World): Promise<void> {
  const problems = await world.sql('select * from public.verify_ledger()');
  must(problems.length === 0, 'verify_ledger()', problems);
  const [books] = await world.sql<{ cards: unknown; leases: unknown; talks: unknown; parked: unknown }>(
    BOOKS,
  );
  const { cards, leases, talks, streams } = world.desk.state;
  same('cards', books?.cards, [...cards.values()].map(cardRow));
  same(
    'leases',
    books?.leases,
    [...leases.values()].map((one) => [one.leaseId, one.status, one.grantedSeconds, one.spentSeconds]),
  );
  same(
    'talks',
    books?.talks,
    [...talks.values()].map((one) => [one.talkId, one.seconds, one.ended]),
  );
  same(
    'parked rows',
    books?.parked,
    [...streams.values()].flatMap((one) =>
      one.parked.map(({ seq, reason }) => [`${one.epoch}:${seq}`, reason]),
    ),
  );
  checkUse(world);
  checkParked(world);
  for (const station of world.stations)
    for (const log of logsOf(world, station)) checkLog(world, station, log);
}

/** Nothing counts twice: no lease and no talk has more on the server than kiosks ever wrote. */
function checkUse({ desk, witness }: World): void {
  for (const { leaseId, spentSeconds } of desk.state.leases.values()) {
    const used = witness.usedSeconds(leaseId);
    must(spentSeconds <= used, 'more was spent than used', { leaseId, spentSeconds, used });
  }
  for (const { talkId, seconds } of desk.state.talks.values()) {
    const written = witness.talkSeconds.get(talkId) ?? 0;
    must(seconds <= written, 'a talk has more seconds than were written', { talkId, seconds, written });
  }
}

/**
 * Rows are kept aside by rule only: after a lease was taken back, or when the server or a disk is an older one. The
 * close of a lease that the server never made is no second of anybody. A server that was put back to before it reserved
 * more does not know of that: what was used of it is kept aside.
 */
function checkParked({ desk, witness, wasServerRestored }: World): void {
  for (const { kioskId, parked } of desk.state.streams.values()) {
    const isOld = wasServerRestored || witness.restoredKiosks.has(kioskId);
    for (const row of parked) {
      const isTakenBack = row.reason === 'lease_voided' || row.reason === 'lease_settled';
      const isNothing = row.kind === 'lease_closed' && row.reason === 'lease_unknown';
      const isForgotten =
        wasServerRestored &&
        row.reason === 'more_than_reserved' &&
        row.grantedSeconds < witness.promisedSeconds(row.leaseId ?? '');
      const isExcused = isOld && !['malformed', 'more_than_reserved'].includes(row.reason);
      const isByRule = isTakenBack || isNothing || isForgotten || isExcused;
      must(isByRule, 'a row was kept aside against the rules', { kioskId, row });
    }
  }
}

/** Nothing is lost on the disk: the log ends where it was written to, with the same row. */
function checkLog({ witness }: World, { store, name, device }: Station, log: WitnessedEpoch): void {
  const head = store.head(log.epoch);
  must(head !== null || log.rows.length === 0, `${name} has lost a log`, log.epoch);
  if (!head) return;
  const ends = head.lastSeq === log.rows.length && (log.rows.at(-1)?.hash ?? head.lastHash) === head.lastHash;
  must(ends, `the log of ${name} ends elsewhere`, { head, written: log.rows.length });
  const mayFork = witness.restoredKiosks.has(device.kioskId);
  must(head.state !== 'quarantined' || mayFork, `${name} has set rows aside without need`, head);
}

export function logsOf({ witness }: World, { device }: Station): WitnessedEpoch[] {
  return [...witness.epochs.values()].filter((log) => log.kioskId === device.kioskId);
}

function cardRow(card: CardBook): unknown[] {
  const buckets = BUCKETS.flatMap((bucket) => [card.at[bucket].paid, card.at[bucket].bonus]);
  return [card.cardId, card.status, card.userId, card.refundOwedSeconds, card.bonusVoid, ...buckets];
}

function same(what: string, inDatabase: unknown, expected: unknown[][]): void {
  const sorted = expected.sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
  const found = (inDatabase ?? []) as unknown[][];
  if (isDeepStrictEqual(found, sorted)) return;
  const index = sorted.findIndex((row, at) => !isDeepStrictEqual(row, found[at]));
  must(false, `${what} differ`, {
    database: found[index],
    expected: sorted[index],
    counts: [found.length, sorted.length],
  });
}

const BOOKS = `select
  (select jsonb_agg(jsonb_build_array(c.id, c.status, c.user_id, c.refund_owed_seconds, c.bonus_void,
     c.paid_available_seconds, c.bonus_available_seconds, c.paid_held_seconds, c.bonus_held_seconds,
     c.paid_spent_seconds, c.bonus_spent_seconds, c.paid_refunded_seconds, c.bonus_refunded_seconds,
     c.paid_expired_seconds, c.bonus_expired_seconds, c.paid_written_off_seconds, c.bonus_written_off_seconds)
     order by c.id::text collate "C") from public.time_cards as c) as cards,
  (select jsonb_agg(jsonb_build_array(l.id, l.status, l.granted_seconds, l.spent_seconds)
     order by l.id::text collate "C") from public.leases as l) as leases,
  (select jsonb_agg(jsonb_build_array(v.id, v.seconds, v.ended_at is not null)
     order by v.id::text collate "C") from public.voice_sessions as v) as talks,
  (select jsonb_agg(jsonb_build_array(concat(k.epoch, ':', k.seq), k.reason)
     order by concat(k.epoch, ':', k.seq) collate "C") from public.usage_parked as k) as parked`;
