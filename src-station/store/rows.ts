/** Reading and writing rows and heads: the mapping between SQL columns and the types of the contract, in one place. */
import type { KeyObject } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { type EpochHead, headMac, type KeptRow } from './usage-chain.ts';

/** An epoch with its place among the epochs of this file. */
export interface KeptHead extends EpochHead {
  ordinal: number;
  mac: string;
}

/** A row that the server kept aside, as it was noted here. */
export interface KeptParkedRow {
  epoch: string;
  seq: number;
  kind: string;
  reason: string;
  notedAtMs: number;
}

const ROW_COLUMNS = `seq, kind, talk_id AS talkId, lease_id AS leaseId, user_id AS userId, visit_id AS visitId,
  seconds, note, at_ms AS atMs, prev_hash AS prevHash, hash, mac`;
const HEAD_COLUMNS = `ordinal, epoch, state, last_seq AS lastSeq, last_hash AS lastHash,
  confirmed_seq AS confirmedSeq, mac`;

/** As a limit: SQLite takes a negative one for none. */
export const ALL = -1;

/** Above all sequence numbers, and small enough for a thousand epochs in a safe integer. */
const ROW_IDS_OF_EPOCH = 2 ** 40;

/** Where a row of an epoch lies among all rows of the file. */
function rowIdOf(ordinal: number, seq: number): number {
  return ordinal * ROW_IDS_OF_EPOCH + seq;
}

/** The row ids between which the rows of an epoch after `seq` lie, both excluded: parameters of the statements below. */
export function rowsAfter(ordinal: number, seq: number): [above: number, below: number] {
  return [rowIdOf(ordinal, seq), rowIdOf(ordinal + 1, 0)];
}

/** The same for its rows up to `seq`. */
export function rowsUpTo(ordinal: number, seq: number): [above: number, below: number] {
  return [rowIdOf(ordinal, 0), rowIdOf(ordinal, seq + 1)];
}

/** Statements of one open file. Rows come in order of `seq`, heads in order of age. */
export function rowStatements(database: Database) {
  return {
    heads: database.prepare<[], KeptHead>(`SELECT ${HEAD_COLUMNS} FROM epochs ORDER BY ordinal`),
    insertHead: database.prepare<[KeptHead & { createdAtMs: number; reason: string }]>(
      `INSERT INTO epochs (ordinal, epoch, state, reason, created_at_ms, last_seq, last_hash, confirmed_seq, mac)
       VALUES (@ordinal, @epoch, @state, @reason, @createdAtMs, @lastSeq, @lastHash, @confirmedSeq, @mac)`,
    ),
    updateHead: database.prepare<[KeptHead]>(
      `UPDATE epochs SET state = @state, last_seq = @lastSeq, last_hash = @lastHash,
       confirmed_seq = @confirmedSeq, mac = @mac WHERE ordinal = @ordinal`,
    ),
    /** Only where the log ends: naming `state` too would rewrite its index at every second. */
    advanceHead: database.prepare<[KeptHead]>(
      'UPDATE epochs SET last_seq = @lastSeq, last_hash = @lastHash, mac = @mac WHERE ordinal = @ordinal',
    ),
    insertRow: database.prepare<[KeptRow & { ordinal: number }]>(
      `INSERT INTO usage_rows (row_id, kind, talk_id, lease_id, user_id, visit_id, seconds, note, at_ms,
       prev_hash, hash, mac) VALUES ((@ordinal << 40) | @seq, @kind, @talkId, @leaseId, @userId, @visitId, @seconds, @note,
       @atMs, @prevHash, @hash, @mac)`,
    ),
    rowsBetween: database.prepare<[number, number, number], KeptRow>(
      `SELECT ${ROW_COLUMNS} FROM usage_rows WHERE row_id > ? AND row_id < ? ORDER BY row_id LIMIT ?`,
    ),
    rowsBetweenFromBack: database.prepare<[number, number], KeptRow>(
      `SELECT ${ROW_COLUMNS} FROM usage_rows WHERE row_id > ? AND row_id < ? ORDER BY row_id DESC`,
    ),
    rowsOfTalk: database.prepare<[string], KeptRow>(
      `SELECT ${ROW_COLUMNS} FROM usage_rows WHERE talk_id = ? ORDER BY row_id`,
    ),
    rowOfTalkBetween: database.prepare<[number, number, string], { seq: number }>(
      'SELECT seq FROM usage_rows WHERE row_id > ? AND row_id < ? AND talk_id = ? LIMIT 1',
    ),
    talkIdsBetween: database.prepare<[number, number], { talkId: string }>(
      'SELECT DISTINCT talk_id AS talkId FROM usage_rows WHERE row_id > ? AND row_id < ?',
    ),
    // A lease may be closed for a talk that never began: that is no talk without an end.
    openTalkIds: database.prepare<[], { talkId: string }>(
      `SELECT talk_id AS talkId FROM usage_rows GROUP BY talk_id
       HAVING sum(kind = 'talk_ended') = 0 AND sum(kind <> 'lease_closed') > 0 ORDER BY max(row_id)`,
    ),
    deleteRowsBetween: database.prepare<[number, number]>(
      'DELETE FROM usage_rows WHERE row_id > ? AND row_id < ?',
    ),
  };
}
export type RowStatements = ReturnType<typeof rowStatements>;

/** The notes of rows that the server kept aside, oldest first; apart, so that without them rows can still be read. */
export function parkedStatements(database: Database) {
  return {
    all: database.prepare<[], KeptParkedRow>(
      'SELECT epoch, seq, kind, reason, noted_at_ms AS notedAtMs FROM parked_rows ORDER BY noted_at_ms, seq',
    ),
    insert: database.prepare<[KeptParkedRow]>(
      `INSERT OR IGNORE INTO parked_rows (epoch, seq, kind, reason, noted_at_ms)
       VALUES (@epoch, @seq, @kind, @reason, @notedAtMs)`,
    ),
  };
}

/** The head with a fresh MAC over its present values. */
export function signedHead(key: KeyObject, head: Omit<KeptHead, 'mac'>): KeptHead {
  return { ...head, mac: headMac(key, head) };
}
