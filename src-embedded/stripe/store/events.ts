/** Events as `GET /v1/events` lists them: newest first, with Stripe's cursors. */
import type Database from 'better-sqlite3';
import type { StoredEvent } from '../core/event.ts';
import type { DeliveryStore } from './deliveries.ts';

export interface EventQuery {
  /** Empty means every type. */
  types: string[];
  /** Bounds of `created`, Unix seconds, both inclusive. */
  createdFrom: number;
  createdTo: number;
  /** Only events older than this one. */
  startingAfter: string | null;
  /** Only events newer than this one; the page is then the nearest to it. */
  endingBefore: string | null;
  /** Only events with (false) or without (true) a delivery still pending or given up. */
  deliverySuccess: boolean | null;
  limit: number;
}

export type ToldEvent = StoredEvent & { pending_webhooks: number };

export interface EventStore {
  insert(event: StoredEvent): void;
  get(id: string): ToldEvent | undefined;
  /** One page and whether there is more in its direction. @throws UnknownCursor */
  list(query: EventQuery): { data: ToldEvent[]; hasMore: boolean };
  deleteBefore(createdSeconds: number): void;
}

/** The id given as a cursor is not an event. */
export class UnknownCursor extends Error {
  readonly id: string;
  constructor(id: string) {
    super(id);
    this.id = id;
  }
}

export function createEventStore(database: Database.Database, deliveries: DeliveryStore): EventStore {
  const insert = database.prepare('INSERT INTO events (id, type, created, body) VALUES (?, ?, ?, ?)');
  const select = database.prepare<[string], { seq: number; body: string }>(
    'SELECT seq, body FROM events WHERE id = ?',
  );
  const deleteOld = database.prepare('DELETE FROM events WHERE created < ?');
  const deleteOrphans = database.prepare(
    'DELETE FROM deliveries WHERE event_id NOT IN (SELECT id FROM events)',
  );

  function told(body: string): ToldEvent {
    const event = JSON.parse(body) as StoredEvent;
    return { ...event, pending_webhooks: deliveries.pendingCount(event.id) };
  }

  function sequenceOf(id: string): number {
    const row = select.get(id);
    if (!row) throw new UnknownCursor(id);
    return row.seq;
  }

  return {
    insert(event) {
      insert.run(event.id, event.type, event.created, JSON.stringify(event));
    },
    get(id) {
      const row = select.get(id);
      return row && told(row.body);
    },
    list(query) {
      const conditions = ['created >= ?', 'created <= ?'];
      const values: (string | number)[] = [query.createdFrom, query.createdTo];
      if (query.types.length > 0) {
        conditions.push(`type IN (${query.types.map(() => '?').join(', ')})`);
        values.push(...query.types);
      }
      if (query.startingAfter !== null) {
        conditions.push('seq < ?');
        values.push(sequenceOf(query.startingAfter));
      }
      if (query.endingBefore !== null) {
        conditions.push('seq > ?');
        values.push(sequenceOf(query.endingBefore));
      }
      if (query.deliverySuccess !== null) {
        const undelivered = `EXISTS (SELECT 1 FROM deliveries
          WHERE deliveries.event_id = events.id AND deliveries.state <> 'delivered')`;
        conditions.push(query.deliverySuccess ? `NOT ${undelivered}` : undelivered);
      }
      const forward = query.endingBefore !== null;
      const rows = database
        .prepare<(string | number)[], { body: string }>(
          `SELECT body FROM events WHERE ${conditions.join(' AND ')}
           ORDER BY seq ${forward ? 'ASC' : 'DESC'} LIMIT ?`,
        )
        .all(...values, query.limit + 1);
      const page = rows.slice(0, query.limit).map((row) => told(row.body));
      return { data: forward ? page.reverse() : page, hasMore: rows.length > query.limit };
    },
    deleteBefore(createdSeconds) {
      if (deleteOld.run(createdSeconds).changes > 0) deleteOrphans.run();
    },
  };
}
