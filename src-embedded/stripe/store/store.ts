/**
 * Records and events in one place. `transaction` makes all that a request does one unit: a state change, its events,
 * their deliveries and the idempotency answer are kept together or not at all.
 */
import type Database from 'better-sqlite3';
import { type Cause, createEvent, isEnabled, type StoredEvent } from '../core/event.ts';
import type { Moment } from '../core/moment.ts';
import type { Change, EndpointRecord, Kind, Put, Records } from '../core/records.ts';
import { createDeliveryStore, type DeliveryStore, type ScheduleRule } from './deliveries.ts';
import { createEventStore, type EventStore } from './events.ts';
import { createIdempotencyStore, type IdempotencyStore } from './idempotency.ts';

export interface Store {
  transaction<Result>(work: () => Result): Result;
  get<K extends Kind>(kind: K, id: string): Records[K] | undefined;
  all<K extends Kind>(kind: K): Records[K][];
  /** Puts the records and tells the events of one change. */
  apply(change: Change, cause: Cause, moment: Moment): void;
  remove(kind: Kind, id: string): void;
  /** Every endpoint that gets events: the one of the environment and those made by the API. */
  endpoints(): EndpointRecord[];
  /** Ids of open Checkout Sessions whose time has run out. */
  overdueSessionIds(nowSeconds: number): string[];
  events: EventStore;
  deliveries: DeliveryStore;
  idempotency: IdempotencyStore;
  /** Drops what Stripe would have dropped: old events, old idempotency keys. */
  prune(nowSeconds: number): void;
}

export interface StoreOptions {
  database: Database.Database;
  /** The endpoint of the environment, which is not stored: its address may change at each start. */
  standingEndpoint: EndpointRecord | null;
  /** How a delivery is scheduled; the fault knobs change this. */
  scheduleRule: ScheduleRule;
  nowMs(): number;
}

/** Stripe keeps events for 30 days and idempotency keys for at least a day. */
const EVENT_LIFE_SECONDS = 30 * 86_400;
const KEY_LIFE_SECONDS = 86_400;

export function createStore(options: StoreOptions): Store {
  const { database } = options;
  const deliveries = createDeliveryStore(database);
  const events = createEventStore(database, deliveries);
  const idempotency = createIdempotencyStore(database);
  const selectRecord = database.prepare<[string, string], { body: string }>(
    'SELECT body FROM records WHERE kind = ? AND id = ?',
  );
  const selectKind = database.prepare<[string], { body: string }>('SELECT body FROM records WHERE kind = ?');
  const upsertRecord = database.prepare(
    'INSERT INTO records (id, kind, body) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body',
  );
  const deleteRecord = database.prepare('DELETE FROM records WHERE kind = ? AND id = ?');
  const upsertOpen = database.prepare('INSERT OR REPLACE INTO open_sessions (id, expires_at) VALUES (?, ?)');
  const deleteOpen = database.prepare('DELETE FROM open_sessions WHERE id = ?');
  const selectOverdue = database.prepare<[number], { id: string }>(
    'SELECT id FROM open_sessions WHERE expires_at <= ? ORDER BY expires_at',
  );

  function put(item: Put): void {
    upsertRecord.run(item.id, item.kind, JSON.stringify(item.record));
    if (item.kind !== 'checkout_session') return;
    const { session } = item.record;
    if (session.status === 'open') upsertOpen.run(session.id, session.expires_at);
    else deleteOpen.run(session.id);
  }

  function endpoints(): EndpointRecord[] {
    const made = selectKind.all('webhook_endpoint').map((row) => JSON.parse(row.body) as EndpointRecord);
    return options.standingEndpoint ? [options.standingEndpoint, ...made] : made;
  }

  function tell(event: StoredEvent): void {
    events.insert(event);
    const nowMs = options.nowMs();
    for (const { endpoint } of endpoints()) {
      if (!isEnabled(endpoint.enabled_events, event.type)) continue;
      for (const delayMs of options.scheduleRule(event.type)) {
        deliveries.insert(event.id, endpoint.id, nowMs, nowMs + delayMs);
      }
    }
  }

  return {
    events,
    deliveries,
    idempotency,
    endpoints,
    transaction: (work) => database.transaction(work).immediate(),
    get(kind, id) {
      const row = selectRecord.get(kind, id);
      // The row was written by `put` under the same kind, in this same shape.
      return row && (JSON.parse(row.body) as Records[typeof kind]);
    },
    all: (kind) => selectKind.all(kind).map((row) => JSON.parse(row.body) as Records[typeof kind]),
    apply(change, cause, moment) {
      for (const item of change.puts) put(item);
      for (const draft of change.events) tell(createEvent(draft, cause, moment));
    },
    remove(kind, id) {
      deleteRecord.run(kind, id);
    },
    overdueSessionIds: (nowSeconds) => selectOverdue.all(nowSeconds).map((row) => row.id),
    prune(nowSeconds) {
      events.deleteBefore(nowSeconds - EVENT_LIFE_SECONDS);
      idempotency.deleteBefore(nowSeconds - KEY_LIFE_SECONDS);
    },
  };
}
