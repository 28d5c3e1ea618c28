/** The rules of reservations and of reported usage. */
import { GENESIS_HASH, type UsageRow } from '../../../src-shared/database.ts';
import { availableSeconds, heldSeconds, hold, release, spend } from './cards.ts';
import {
  answers,
  type Expected,
  type LeaseBook,
  type ParkedBook,
  refused,
  type State,
  type StreamBook,
} from './state.ts';

const VALIDITY_US = 30 * 60 * 1_000_000;
const SILENCE_US = 7 * 24 * 3600 * 1_000_000;
const KEPT_US = 30 * 24 * 3600 * 1_000_000;

export function hasGrant(
  state: State,
  userId: string,
  kioskId: string,
  visitId: string,
  nowUs: number,
): boolean {
  return (state.grants.get(`${userId}|${kioskId}|${visitId}`) ?? 0) > nowUs;
}

export function isKioskLive(state: State, kioskId: string): boolean {
  return state.kiosks.get(kioskId) === false;
}

interface LeaseArgs {
  kioskId: string;
  leaseId: string;
  seconds: number;
}

export function openLease(
  state: State,
  { kioskId, leaseId, userId, visitId, seconds }: LeaseArgs & { userId: string; visitId: string },
  nowUs: number,
): Expected {
  if (!isKioskLive(state, kioskId)) return refused('kiosk_revoked');
  if (!hasGrant(state, userId, kioskId, visitId, nowUs)) return refused('no_visit_grant');
  const known = state.leases.get(leaseId);
  if (known) {
    if (known.userId !== userId || known.kioskId !== kioskId) return refused('lease_unknown');
    return known.status === 'open' ? leaseAnswer(state, known, 0, nowUs) : refused('lease_closed');
  }
  const other = [...state.leases.values()].find(
    (lease) => lease.userId === userId && lease.kioskId === kioskId && lease.status === 'open',
  );
  if (other && other.validUntilUs > nowUs) return refused('time_in_use_elsewhere');
  if (availableSeconds(state, userId, nowUs) === 0) {
    return refused(heldSeconds(state, userId) > 0 ? 'time_in_use_elsewhere' : 'no_time_left');
  }
  if (other) other.status = 'lapsed';
  const lease: LeaseBook = {
    leaseId,
    userId,
    kioskId,
    visitId,
    status: 'open',
    grantedSeconds: 0,
    spentSeconds: 0,
    validUntilUs: nowUs,
    steps: [],
    held: [],
  };
  state.leases.set(leaseId, lease);
  addStep(state, lease, seconds, nowUs);
  return leaseAnswer(state, lease, 0, nowUs);
}

export function extendLease(
  state: State,
  { kioskId, leaseId, n, seconds }: LeaseArgs & { n: number },
  nowUs: number,
): Expected {
  if (!isKioskLive(state, kioskId)) return refused('kiosk_revoked');
  const lease = state.leases.get(leaseId);
  if (!lease || lease.kioskId !== kioskId) return refused('lease_unknown');
  if (lease.status !== 'open') return refused('lease_closed');
  if (!hasGrant(state, lease.userId, kioskId, lease.visitId, nowUs)) return refused('no_visit_grant');
  if (n < 1 || n > lease.steps.length) return refused('invalid_amount');
  if (n === lease.steps.length) addStep(state, lease, seconds, nowUs);
  return leaseAnswer(state, lease, n, nowUs);
}

function addStep(state: State, lease: LeaseBook, seconds: number, nowUs: number): void {
  const grantedSeconds = hold(state, lease, seconds, nowUs);
  lease.grantedSeconds += grantedSeconds;
  lease.validUntilUs = nowUs + VALIDITY_US;
  lease.steps.push({ grantedSeconds, totalSeconds: lease.grantedSeconds });
}

function leaseAnswer(state: State, lease: LeaseBook, n: number, nowUs: number): Expected {
  return answers({
    leaseId: lease.leaseId,
    n,
    ...lease.steps[n],
    availableSeconds: availableSeconds(state, lease.userId, nowUs),
    validitySeconds: Math.max(0, Math.floor((lease.validUntilUs - nowUs) / 1_000_000)),
  });
}

export function voidLease(state: State, leaseId: string, nowUs: number): Expected {
  const lease = state.leases.get(leaseId);
  if (!lease) return refused('lease_unknown');
  if (!isRunning(lease)) return refused('lease_closed');
  return answers({ leaseId, releasedSeconds: release(state, lease, 'voided', nowUs) });
}

/** After seven days of silence what is held is the customer's again. Returns how many leases. */
export function settleSilent(state: State, nowUs: number): number {
  const silent = [...state.leases.values()].filter(
    (lease) => isRunning(lease) && lease.validUntilUs < nowUs - SILENCE_US,
  );
  for (const lease of silent) release(state, lease, 'settled', nowUs);
  for (const stream of state.streams.values()) {
    stream.batches = stream.batches.filter((batch) => batch.receivedAtUs >= nowUs - KEPT_US);
  }
  return silent.length;
}

export function isRunning(lease: LeaseBook): boolean {
  return lease.status === 'open' || lease.status === 'lapsed';
}

export function postUsage(
  state: State,
  { kioskId, epoch, rows }: { kioskId: string; epoch: string; rows: readonly UsageRow[] },
  nowUs: number,
): Expected {
  if (!isKioskLive(state, kioskId)) return refused('kiosk_revoked');
  const stream = streamOf(state, kioskId, epoch);
  if (contradicts(stream, rows)) return refused('stream_forked');
  const [first, last] = [rows.at(0), rows.at(-1)];
  let applied = 0;
  if (first && last && last.seq > stream.lastSeq && first.seq <= stream.lastSeq + 1) {
    const fresh = rows.filter((row) => row.seq > stream.lastSeq);
    for (const row of fresh) {
      const reason = apply(state, kioskId, row, nowUs);
      if (reason === null) applied += 1;
      else stream.parked.push(parkedBook(state, row, reason));
      stream.hashes.push(row.hash);
    }
    const hashes = fresh.map((row) => row.hash);
    stream.batches.push({ fromSeq: stream.lastSeq + 1, hashes, receivedAtUs: nowUs });
    stream.lastSeq = last.seq;
    stream.lastHash = last.hash;
  }
  const within = (seq: number) => first && last && seq >= first.seq && seq <= last.seq;
  const parked = stream.parked.filter(({ seq }) => within(seq)).map(({ seq, reason }) => ({ seq, reason }));
  return answers({ lastSeq: stream.lastSeq, lastHash: stream.lastHash, applied, parked });
}

function parkedBook(state: State, { seq, kind, leaseId }: UsageRow, reason: string): ParkedBook {
  const grantedSeconds = state.leases.get(leaseId ?? '')?.grantedSeconds ?? 0;
  return { seq, kind, reason, leaseId, grantedSeconds };
}

function streamOf(state: State, kioskId: string, epoch: string): StreamBook {
  const key = `${kioskId}|${epoch}`;
  const known = state.streams.get(key);
  if (known) return known;
  const made = { kioskId, epoch, lastSeq: 0, lastHash: GENESIS_HASH, batches: [], hashes: [], parked: [] };
  state.streams.set(key, made);
  return made;
}

/** Rows already known must be the same ones, and what follows must follow them. */
function contradicts(stream: StreamBook, rows: readonly UsageRow[]): boolean {
  return rows.some((row) => {
    if (row.seq === stream.lastSeq + 1) return row.prevHash !== stream.lastHash;
    if (row.seq > stream.lastSeq) return false;
    const batch = stream.batches.find(
      ({ fromSeq, hashes }) => row.seq >= fromSeq && row.seq < fromSeq + hashes.length,
    );
    return batch?.hashes[row.seq - batch.fromSeq] !== row.hash;
  });
}

/** Takes in one row; returns why it is kept aside, or null. */
function apply(state: State, kioskId: string, row: UsageRow, nowUs: number): string | null {
  const talk = state.talks.get(row.talkId);
  if (row.kind === 'talk_started') {
    const mayTalk = [...state.leases.values()].some(
      (lease) =>
        lease.kioskId === kioskId &&
        lease.userId === row.userId &&
        (row.leaseId === null || lease.leaseId === row.leaseId),
    );
    if (!mayTalk) return 'wallet_not_of_this_kiosk';
    if (talk) return 'talk_known';
    state.talks.set(row.talkId, { talkId: row.talkId, kioskId, seconds: 0, ended: false });
    return null;
  }
  if (row.kind === 'talk_ended') {
    if (!talk || talk.kioskId !== kioskId || talk.ended) return 'talk_unknown';
    talk.ended = true;
    return null;
  }
  const lease = state.leases.get(row.leaseId ?? '');
  if (!lease || lease.kioskId !== kioskId) return 'lease_unknown';
  if (row.userId !== null && row.userId !== lease.userId) return 'wallet_not_of_this_lease';
  if (!isRunning(lease)) return `lease_${lease.status}`;
  if (row.kind === 'lease_closed') {
    release(state, lease, 'closed', nowUs);
    return null;
  }
  if (lease.spentSeconds + row.seconds > lease.grantedSeconds) return 'more_than_reserved';
  spend(state, lease, row.seconds);
  if (talk?.kioskId === kioskId) talk.seconds += row.seconds;
  return null;
}
