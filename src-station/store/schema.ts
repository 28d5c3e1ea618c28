/**
 * The tables of the usage store, as numbered steps. `user_version` of the file says how many steps it has seen; a file
 * from a newer program is refused, never guessed at.
 */
import type { Database } from 'better-sqlite3';

/** Never edited once released, only added to. */
export const STEPS: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

  CREATE TABLE epochs (
    ordinal INTEGER PRIMARY KEY,
    epoch TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('current', 'draining', 'quarantined')),
    reason TEXT NOT NULL DEFAULT '',
    created_at_ms INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    last_hash TEXT NOT NULL,
    confirmed_seq INTEGER NOT NULL CHECK (confirmed_seq <= last_seq),
    mac TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX one_current_epoch ON epochs (state) WHERE state = 'current';

  CREATE TABLE usage_rows (
    ordinal INTEGER NOT NULL REFERENCES epochs (ordinal),
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    talk_id TEXT NOT NULL,
    lease_id TEXT,
    user_id TEXT,
    visit_id TEXT,
    seconds INTEGER NOT NULL CHECK (seconds >= 0),
    note TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    mac TEXT NOT NULL,
    PRIMARY KEY (ordinal, seq)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE leases (
    lease_id TEXT PRIMARY KEY,
    talk_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    visit_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('asked', 'open', 'closed')),
    asked_seconds INTEGER NOT NULL,
    granted_seconds INTEGER NOT NULL,
    asked_at_ms INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE parked_rows (
    epoch TEXT NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    noted_at_ms INTEGER NOT NULL,
    PRIMARY KEY (epoch, seq)
  ) STRICT;
  `,
  // Appended at the right edge of a rowid table, where SQLite splits no page: 2.1 pages are written a second instead of
  // 2.8, a seventh of its time (measured).
  `
  ALTER TABLE usage_rows RENAME TO usage_rows_1;
  CREATE TABLE usage_rows (
    -- Place in the log: ordinal · 2^40 + seq.
    row_id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    talk_id TEXT NOT NULL,
    lease_id TEXT,
    user_id TEXT,
    visit_id TEXT,
    seconds INTEGER NOT NULL CHECK (seconds >= 0),
    note TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    mac TEXT NOT NULL,
    ordinal INTEGER GENERATED ALWAYS AS (row_id >> 40) VIRTUAL,
    seq INTEGER GENERATED ALWAYS AS (row_id & 0xFFFFFFFFFF) VIRTUAL
  ) STRICT;
  INSERT INTO usage_rows (row_id, kind, talk_id, lease_id, user_id, visit_id, seconds, note, at_ms, prev_hash, hash, mac)
  SELECT (ordinal << 40) | seq, kind, talk_id, lease_id, user_id, visit_id, seconds, note, at_ms, prev_hash, hash, mac
  FROM usage_rows_1 ORDER BY ordinal, seq;
  DROP TABLE usage_rows_1;
  `,
];

/**
 * Brings the file up to this program's schema: the steps it has not seen, in order, in one transaction with its new
 * version. A crash in the middle leaves it as it was.
 * @param steps another schema, for tests
 * @throws Error when the file was written by a newer program; nothing is changed then
 */
export function migrate(database: Database, steps = STEPS): void {
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version > steps.length) {
    throw new Error(
      `The usage store has schema ${version}, this program knows ${steps.length}: it was written by a newer version.`,
    );
  }
  if (version === steps.length) return;
  database.transaction(() => {
    for (const step of steps.slice(version)) database.exec(step);
    database.pragma(`user_version = ${steps.length}`);
  })();
}
