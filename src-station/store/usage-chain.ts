/**
 * What makes the usage log tamper-evident, as pure functions: each row's hash covers the row before it, each row and
 * each epoch's head carry a MAC of the store's own key. So an edited, dropped, added or reordered row shows.
 */
import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { sha256Hex } from '../../src-runtime/hash.ts';
import { GENESIS_HASH, type UsageRow, usageRowText } from '../../src-shared/database.ts';

/** A row as it is kept: the row and its MAC. */
export interface KeptRow extends UsageRow {
  mac: string;
}

/** Where one epoch of the log stands. */
export interface EpochHead {
  /** Random, made with the epoch; the server counts rows by (kiosk, epoch, seq). */
  epoch: string;
  /** `current` takes new rows; `draining` is only still to be sent; `quarantined` is kept aside for a person. */
  state: 'current' | 'draining' | 'quarantined';
  lastSeq: number;
  lastHash: string;
  /** All rows up to this one are confirmed by the server. */
  confirmedSeq: number;
}

/** Lower-case hex SHA-256 of the row's text. */
export function rowHash(row: Omit<UsageRow, 'hash'>): string {
  return sha256Hex(usageRowText(row));
}

/** The key is an object made once: raw bytes cost 12 µs a MAC, the object 2 µs (measured). */
export function rowMac(key: KeyObject, epoch: string, hashOfRow: string): string {
  return createHmac('sha256', key).update(`row|${epoch}|${hashOfRow}`).digest('hex');
}

export function headMac(key: KeyObject, head: EpochHead): string {
  const text = ['head', head.epoch, head.state, head.lastSeq, head.lastHash, head.confirmedSeq].join('|');
  return createHmac('sha256', key).update(text).digest('hex');
}

/** Compares two MACs without telling by the time taken where they differ. */
export function sameMac(first: string, second: string): boolean {
  const [a, b] = [Buffer.from(first), Buffer.from(second)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * True when the row's own hash and MAC are right (its place in the chain is not looked at). Without the key, which
 * never leaves the station, only the hash is looked at.
 */
export function isGenuine(row: KeptRow, key: KeyObject | null, epoch: string): boolean {
  return row.hash === rowHash(row) && (key === null || sameMac(row.mac, rowMac(key, epoch, row.hash)));
}

/**
 * Checks the rows of one epoch, in order, against each other and against its head.
 * @returns null when all is well, else what is wrong, in words for the log
 */
export function chainFault(rows: Iterable<KeptRow>, head: EpochHead, key: KeyObject | null): string | null {
  let previous: UsageRow | null = null;
  for (const row of rows) {
    if (!isGenuine(row, key, head.epoch)) return `row ${row.seq} was changed`;
    if (previous === null) {
      if (row.seq > head.confirmedSeq + 1) return `rows before ${row.seq} are missing`;
      if (row.seq === 1 && row.prevHash !== GENESIS_HASH) return 'row 1 does not begin the chain';
    } else if (row.seq !== previous.seq + 1 || row.prevHash !== previous.hash) {
      return `row ${row.seq} does not follow row ${previous.seq}`;
    }
    previous = row;
  }
  const endsRight = previous
    ? previous.seq === head.lastSeq && previous.hash === head.lastHash
    : head.lastSeq === 0;
  return endsRight ? null : `the log ends at row ${previous?.seq ?? 0}, not at row ${head.lastSeq}`;
}
