/** The durable queue of webhook deliveries: what is to be sent, when, and how often it was tried. */
import type Database from 'better-sqlite3';

export interface Delivery {
  id: number;
  eventId: string;
  endpointId: string;
  createdMs: number;
  nextAttemptMs: number;
  attempts: number;
}

/** For one event type: the delays in ms of the copies to be sent. One 0 normally; none when it is to be lost. */
export type ScheduleRule = (type: string) => number[];

export interface DeliveryStore {
  insert(eventId: string, endpointId: string, createdMs: number, nextAttemptMs: number): void;
  /** Pending deliveries that are due, oldest first. */
  due(nowMs: number, limit: number): Delivery[];
  /** Unix ms of the earliest pending delivery, or null. */
  nextDueMs(): number | null;
  pendingCount(eventId: string): number;
  /** How many deliveries of all events are still to be made. */
  pendingTotal(): number;
  succeed(id: number): void;
  retryAt(id: number, nextAttemptMs: number): void;
  giveUp(id: number): void;
  giveUpEndpoint(endpointId: string): void;
}

interface Row {
  id: number;
  event_id: string;
  endpoint_id: string;
  created_ms: number;
  next_attempt_ms: number;
  attempts: number;
}

export function createDeliveryStore(database: Database.Database): DeliveryStore {
  const insert = database.prepare(
    'INSERT INTO deliveries (event_id, endpoint_id, created_ms, next_attempt_ms) VALUES (?, ?, ?, ?)',
  );
  const due = database.prepare<[number, number], Row>(
    `SELECT * FROM deliveries WHERE state = 'pending' AND next_attempt_ms <= ? ORDER BY next_attempt_ms, id LIMIT ?`,
  );
  const nextDue = database.prepare<[], { at: number | null }>(
    `SELECT min(next_attempt_ms) AS at FROM deliveries WHERE state = 'pending'`,
  );
  const pending = database.prepare<[string], { count: number }>(
    `SELECT count(*) AS count FROM deliveries WHERE state = 'pending' AND event_id = ?`,
  );
  const pendingTotal = database.prepare<[], { count: number }>(
    `SELECT count(*) AS count FROM deliveries WHERE state = 'pending'`,
  );
  const finish = database.prepare('UPDATE deliveries SET state = ?, attempts = attempts + 1 WHERE id = ?');
  const retry = database.prepare(
    'UPDATE deliveries SET attempts = attempts + 1, next_attempt_ms = ? WHERE id = ?',
  );
  const dropEndpoint = database.prepare(
    `UPDATE deliveries SET state = 'given_up' WHERE endpoint_id = ? AND state = 'pending'`,
  );
  return {
    insert(eventId, endpointId, createdMs, nextAttemptMs) {
      insert.run(eventId, endpointId, createdMs, nextAttemptMs);
    },
    due: (nowMs, limit) =>
      due.all(nowMs, limit).map((row) => ({
        id: row.id,
        eventId: row.event_id,
        endpointId: row.endpoint_id,
        createdMs: row.created_ms,
        nextAttemptMs: row.next_attempt_ms,
        attempts: row.attempts,
      })),
    nextDueMs: () => nextDue.get()?.at ?? null,
    pendingCount: (eventId) => pending.get(eventId)?.count ?? 0,
    pendingTotal: () => pendingTotal.get()?.count ?? 0,
    succeed(id) {
      finish.run('delivered', id);
    },
    retryAt(id, nextAttemptMs) {
      retry.run(nextAttemptMs, id);
    },
    giveUp(id) {
      finish.run('given_up', id);
    },
    giveUpEndpoint(endpointId) {
      dropEndpoint.run(endpointId);
    },
  };
}
