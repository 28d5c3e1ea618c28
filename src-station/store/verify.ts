/**
 * Verifying a usage log from outside: what a customer, an auditor or the doctor asks. Reads a copy, so that neither the
 * station nor the log is touched; says what is wrong with each epoch and what each talk was charged.
 */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { withCopy } from './copy.ts';
import { rowReader } from './rows.ts';
import { acknowledgedAtMs } from './store-notes.ts';
import { chainFault, headMac, type KeptRow, sameMac } from './usage-chain.ts';
import { walDamage } from './wal.ts';

export interface EpochProof {
  epoch: string;
  state: string;
  /** First and last row that are still kept; confirmed rows are dropped in time. */
  firstSeq: number;
  lastSeq: number;
  confirmedSeq: number;
  /** What is wrong, in words; null when hashes, order and seals are right. */
  fault: string | null;
  /** When an operator acknowledged that it was kept aside, wall clock; null for any other. */
  acknowledgedAtMs: number | null;
}

export interface TalkProof {
  talkId: string;
  startedAtMs: number;
  endedAtMs: number | null;
  endReason: string | null;
  /** Whole seconds charged. */
  seconds: number;
  /** True once the server has confirmed every row. */
  confirmed: boolean;
  rows: KeptRow[];
}

export interface UsageProof {
  epochs: EpochProof[];
  talks: TalkProof[];
  /** False when there was no key: then only the chain of hashes was looked at, which anybody could make anew. */
  sealsChecked: boolean;
}

/**
 * Verifies the log in `dir`.
 * @param key key of the MACs; null when it is not at hand
 * @throws Error when there is no log, or it is no readable database
 */
export function verifyUsage(dir: string, key: Uint8Array | null): UsageProof {
  const path = join(dir, 'usage.sqlite');
  if (!existsSync(path)) throw new Error(`There is no usage log at ${path}: no talk was begun here yet.`);
  try {
    return withCopy(path, (copy) => verifyCopy(copy, key && createSecretKey(key)));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The usage log at ${path} can't be read: ${reason}`);
  }
}

function verifyCopy(copy: string, key: KeyObject | null): UsageProof {
  const damage = walDamage(copy);
  if (damage !== null) throw new Error(damage);
  const database = new SqliteDatabase(copy);
  try {
    return proofOf(database, key);
  } finally {
    database.close();
  }
}

function proofOf(database: Database, key: KeyObject | null): UsageProof {
  const check = database.pragma('quick_check(1)', { simple: true });
  if (check !== 'ok') throw new Error(String(check));
  const reader = rowReader(database);
  const epochs: EpochProof[] = [];
  const acknowledged = acknowledgedAtMs(database);
  const talks = new Map<string, TalkProof>();
  for (const head of reader.heads.all()) {
    const rows = [...reader.rowsAfter(head.ordinal, 0)];
    const headFault =
      key && !sameMac(head.mac, headMac(key, head)) ? 'the record of where it ends was changed' : null;
    const { epoch, state, lastSeq, confirmedSeq } = head;
    const fault = chainFault(rows, head, key) ?? headFault;
    epochs.push({
      epoch,
      state,
      firstSeq: rows[0]?.seq ?? lastSeq,
      lastSeq,
      confirmedSeq,
      fault,
      acknowledgedAtMs: acknowledged.get(epoch) ?? null,
    });
    for (const row of rows) addToTalk(talks, row, row.seq <= confirmedSeq);
  }
  return { epochs, talks: [...talks.values()], sealsChecked: key !== null };
}

function addToTalk(talks: Map<string, TalkProof>, row: KeptRow, confirmed: boolean): void {
  const talk: TalkProof = talks.get(row.talkId) ?? {
    talkId: row.talkId,
    startedAtMs: row.atMs,
    endedAtMs: null,
    endReason: null,
    seconds: 0,
    confirmed: true,
    rows: [],
  };
  talk.rows.push(row);
  talk.seconds += row.seconds;
  talk.confirmed &&= confirmed;
  if (row.kind === 'talk_ended') {
    talk.endedAtMs = row.atMs;
    talk.endReason = row.note;
  }
  talks.set(row.talkId, talk);
}
