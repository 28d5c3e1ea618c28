/**
 * The server of the simulation: a real Postgres cluster of its own (fsync off, in memory where the system has
 * /dev/shm), with the product's migrations unchanged, byte for byte. Only its time is ours: before the migrations run,
 * the built-in `clock_timestamp()` and `now()` are renamed and functions of the same name, which read the setting
 * `sim.now`, take their place in pg_catalog. So validity, expiry, silence and retention all follow the simulated clock,
 * and a jump of a year costs nothing. `gen_random_uuid()` is replaced in the same way, so that ids repeat by seed.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, escapeLiteral } from 'pg';
import { type PostgresConnection, prepareCluster } from '../../src-embedded/postgres/cluster.ts';
import { bootstrapDatabase, migrateDatabase } from '../../src-embedded/supabase/migrate.ts';
import { type RunningCluster, runCluster } from '../support/database/cluster.ts';
import { Violation } from './violation.ts';

const SUPABASE_DIR = fileURLToPath(new URL('../../supabase/', import.meta.url));
const SHARED_MEMORY = '/dev/shm';
const TEMPLATE = 'sim_template';

const OUR_TIME = `
  create schema sim;
  create sequence sim.ids;
  grant usage on schema sim to public;
  grant usage on sequence sim.ids to public;
  alter function pg_catalog.clock_timestamp() rename to machine_clock_timestamp;
  alter function pg_catalog.now() rename to machine_now;
  alter function pg_catalog.gen_random_uuid() rename to machine_random_uuid;
  create function pg_catalog.clock_timestamp() returns timestamptz language sql stable
    as $$ select current_setting('sim.now')::timestamptz $$;
  create function pg_catalog.now() returns timestamptz language sql stable
    as $$ select current_setting('sim.now')::timestamptz $$;
  create function pg_catalog.gen_random_uuid() returns uuid language sql volatile
    as $$ select overlay(overlay(md5(concat(current_setting('sim.now'), nextval('sim.ids')))
      placing '4' from 13) placing '8' from 17)::uuid $$`;

/** Small packages, so that wallets run empty. Names sort and price like the real ones. */
const PACKAGES = `insert into public.pricing_tiers (id, name, paid_seconds, bonus_seconds, price_cents) values
  ('sim-tiny', 'Tiny', 37, 0, 99), ('sim-small', 'Small', 120, 31, 299), ('sim-odd', 'Odd', 733, 77, 1001),
  ('sim-large', 'Large', 1800, 240, 1999), ('sim-bonus', 'Bonus', 60, 600, 499)`;

export const PACKAGE_IDS = ['sim-tiny', 'sim-small', 'sim-odd', 'sim-large', 'sim-bonus', 'starter'] as const;

/** The text of a function of the product, broken on purpose. */
export interface SqlMutation {
  /** Schema and name; there must be one function of that name. */
  function: string;
  find: string;
  replace: string;
}

export type Caller = { kind: 'service' } | { kind: 'kiosk'; kioskId: string; authUserId: string };

export interface Call {
  caller: Caller;
  name: string;
  args: Readonly<Record<string, unknown>>;
}

/** What a function answered; a refusal is its P0001 message, raised or in the body. */
export type Reply = { ok: true; value: unknown } | { ok: false; code: string };

export class SimServer {
  readonly #connection: PostgresConnection;
  readonly #close: () => Promise<void>;
  #runs = 0;

  private constructor(connection: PostgresConnection, close: () => Promise<void>) {
    this.#connection = connection;
    this.#close = close;
  }

  static async start(): Promise<SimServer> {
    const dir = await mkdtemp(join(existsSync(SHARED_MEMORY) ? SHARED_MEMORY : tmpdir(), 'mindbot-sim-'));
    let running: RunningCluster | undefined;
    const close = async () => {
      await running?.stop();
      await rm(dir, { recursive: true, force: true });
    };
    try {
      const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
      const cluster = await prepareCluster({ dir, superuserPassword: 'simulation', settings });
      running = await runCluster(cluster);
      await withClient(cluster.connection, prepare);
      await withClient({ ...cluster.connection, database: 'template1' }, (client) =>
        client.query(`create database ${TEMPLATE} template ${cluster.connection.database} owner postgres`),
      );
      return new SimServer(cluster.connection, close);
    } catch (error) {
      await close();
      throw error;
    }
  }

  /** A fresh database, broken as told. @throws Error when the text to break is not found */
  async openRun(mutation?: SqlMutation): Promise<SimDatabase> {
    this.#runs += 1;
    const database = await SimDatabase.create(this.#connection, `run_${this.#runs}`);
    try {
      if (mutation) await database.breakFunction(mutation);
    } catch (error) {
      await database.drop();
      throw error;
    }
    return database;
  }

  stop(): Promise<void> {
    return this.#close();
  }
}

/** One database with two connections: the second is for calls that run at the same time as one of the first. */
export class SimDatabase {
  readonly #connection: PostgresConnection;
  readonly #name: string;
  #first: Client;
  #second: Client;
  /** Calls go one after the other, in the order they were made. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(connection: PostgresConnection, name: string) {
    this.#connection = connection;
    this.#name = name;
    this.#first = new Client({ ...connection, database: name });
    this.#second = new Client({ ...connection, database: name });
  }

  static async create(connection: PostgresConnection, name: string): Promise<SimDatabase> {
    const database = new SimDatabase(connection, name);
    await database.#maintain(`create database ${name} template ${TEMPLATE} owner postgres`);
    await database.#connect();
    return database;
  }

  /** One call, one transaction, one round trip. */
  call(call: Call, nowUs: number): Promise<Reply> {
    const reply = this.#last.then(() => runCall(this.#first, callText(call, nowUs)));
    this.#last = reply.catch(() => undefined);
    return reply;
  }

  /**
   * Two calls at the same time: the first has done its work and not committed yet when the second runs. The second is
   * let on as soon as it waits for the first (or has ended without waiting).
   */
  async race(first: Call, firstUs: number, second: Call, secondUs: number): Promise<[Reply, Reply]> {
    const { rows } = await this.#second.query<{ pid: number }>('select pg_backend_pid() as pid');
    await this.#first.query('begin');
    const one = await runCall(this.#first, callText(first, firstUs));
    let ended = false;
    const two = runCall(this.#second, callText(second, secondUs)).finally(() => {
      ended = true;
    });
    two.catch(() => undefined);
    // A refusal has aborted the first transaction: it holds nothing any more.
    if (one.ok) await this.#waitUntilBlocked(rows[0]?.pid ?? 0, () => ended);
    await this.#first.query(one.ok ? 'commit' : 'rollback');
    const other = await two;
    // A refusal is told before the transaction lets go of its locks; an answer to another query is not.
    if (!other.ok) await this.#second.query('select 1');
    return [one, other];
  }

  /** Plain SQL as the owner of the database, at a moment. */
  async query<Row extends object>(text: string, nowUs: number): Promise<Row[]> {
    const results = await this.#first.query(
      `select set_config('sim.now', '${stamp(nowUs)}', false); ${text}`,
    );
    const last = [results].flat().at(-1);
    return (last?.rows ?? []) as Row[];
  }

  async breakFunction({ function: name, find, replace }: SqlMutation): Promise<void> {
    const { rows } = await this.#first.query<{ text: string }>(
      'select pg_get_functiondef($1::regproc) as text',
      [name],
    );
    const text = rows[0]?.text ?? '';
    if (text.split(find).length !== 2) throw new Error(`${name} does not hold this text once: ${find}`);
    await this.#first.query(text.replace(find, () => replace));
  }

  /** Takes a backup of the whole database; the one before is dropped. */
  async backUp(): Promise<void> {
    await this.#disconnect();
    await this.#maintain(`drop database if exists ${this.#name}_backup`);
    await this.#maintain(`create database ${this.#name}_backup template ${this.#name}`);
    await this.#connect();
  }

  /** Puts the backup in the place of the database. */
  async restore(): Promise<void> {
    await this.#disconnect();
    await this.#maintain(`drop database ${this.#name}`);
    await this.#maintain(`create database ${this.#name} template ${this.#name}_backup owner postgres`);
    await this.#connect();
  }

  async drop(): Promise<void> {
    await this.#disconnect();
    await this.#maintain(`drop database if exists ${this.#name}_backup with (force)`);
    await this.#maintain(`drop database ${this.#name} with (force)`);
  }

  async #waitUntilBlocked(pid: number, hasEnded: () => boolean): Promise<void> {
    for (;;) {
      const { rows } = await this.#first.query<{ waits: boolean }>(
        'select cardinality(pg_blocking_pids($1)) > 0 as waits',
        [pid],
      );
      if (hasEnded() || rows[0]?.waits) return;
    }
  }

  async #connect(): Promise<void> {
    this.#first = new Client({ ...this.#connection, database: this.#name });
    this.#second = new Client({ ...this.#connection, database: this.#name });
    await Promise.all([this.#first.connect(), this.#second.connect()]);
  }

  async #disconnect(): Promise<void> {
    await Promise.all([this.#first.end(), this.#second.end()]);
  }

  #maintain(text: string): Promise<unknown> {
    return withClient({ ...this.#connection, database: 'template1' }, (client) => client.query(text));
  }
}

async function prepare(client: Client): Promise<void> {
  await client.query(OUR_TIME);
  await client.query(`set sim.now = '2026-01-01T00:00:00Z'`);
  await bootstrapDatabase(client);
  await migrateDatabase(client, join(SUPABASE_DIR, 'migrations'), join(SUPABASE_DIR, 'seed.sql'));
  await client.query(PACKAGES);
}

async function withClient<T>(
  connection: PostgresConnection,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client(connection);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function runCall(client: Client, text: string): Promise<Reply> {
  try {
    const results: unknown = await client.query(text);
    const last = [results].flat().at(-1) as { rows: { answer: unknown }[] };
    const value = last.rows[0]?.answer ?? null;
    const refusal = value as { code?: unknown; message?: unknown } | null;
    if (refusal?.code === 'P0001') return { ok: false, code: String(refusal.message) };
    return { ok: true, value };
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    if (code === 'P0001') return { ok: false, code: message };
    throw new Violation(`the database failed: ${code ?? ''} ${message}`);
  }
}

/** Settings and call in one text: as one implicit transaction, or inside the open one. */
function callText({ caller, name, args }: Call, nowUs: number): string {
  const isService = caller.kind === 'service';
  const role = isService ? 'service_role' : 'authenticated';
  const claims = isService
    ? { role }
    : { role, sub: caller.authUserId, app_metadata: { kind: 'kiosk', kiosk_id: caller.kioskId } };
  const list = Object.entries(args).map(([key, value]) => `${key} := ${literal(value)}`);
  return `select set_config('sim.now', '${stamp(nowUs)}', true),
    set_config('request.jwt.claims', ${escapeLiteral(JSON.stringify(claims))}, true), set_config('role', '${role}', true);
    select public.${name}(${list.join(', ')}) as answer`;
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    return `array[${value.map((item) => escapeLiteral(item)).join(', ')}]::text[]`;
  }
  return escapeLiteral(typeof value === 'string' ? value : JSON.stringify(value));
}

/** Microseconds since 1970 as Postgres reads them. */
export function stamp(us: number): string {
  const iso = new Date(Math.floor(us / 1000)).toISOString();
  return iso.replace('Z', `${String(us % 1000).padStart(3, '0')}Z`);
}
