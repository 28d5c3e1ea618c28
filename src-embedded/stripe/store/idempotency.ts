/** Answers kept under an Idempotency-Key, to be given again. https://docs.stripe.com/api/idempotent_requests */
import type Database from 'better-sqlite3';

export interface SavedAnswer {
  key: string;
  path: string;
  /** Hash of method, path and parameters. */
  fingerprint: string;
  status: number;
  /** JSON text, given again byte for byte. */
  body: string;
  requestId: string;
  /** Unix seconds. */
  created: number;
}

export interface IdempotencyStore {
  get(key: string): SavedAnswer | undefined;
  save(answer: SavedAnswer): void;
  deleteBefore(createdSeconds: number): void;
}

export function createIdempotencyStore(database: Database.Database): IdempotencyStore {
  const select = database.prepare<[string], SavedAnswer>(
    `SELECT key, path, fingerprint, status, body, request_id AS requestId, created
     FROM idempotency_keys WHERE key = ?`,
  );
  const insert = database.prepare(
    `INSERT INTO idempotency_keys (key, path, fingerprint, status, body, request_id, created)
     VALUES (@key, @path, @fingerprint, @status, @body, @requestId, @created)`,
  );
  const deleteOld = database.prepare('DELETE FROM idempotency_keys WHERE created < ?');
  return {
    get: (key) => select.get(key),
    save(answer) {
      insert.run(answer);
    },
    deleteBefore(createdSeconds) {
      deleteOld.run(createdSeconds);
    },
  };
}
