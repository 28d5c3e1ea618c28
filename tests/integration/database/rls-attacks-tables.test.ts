/**
 * Attacks on every table by every kind of caller: reading, adding, changing (column by column), removing, emptying.
 * What is allowed is listed here; everything else must be refused or come back empty. A table without a line fails.
 */
import { beforeAll, expect, it } from 'vitest';
import { onBothVersions } from '../../support/database/database-kit.ts';
import { CALLERS, type Caller, makeWorld, outcomeOf, type World } from '../../support/database/rls-kit.ts';

/** Which rows: a customer's `own`, `all`, or those `on_sale`. */
type Reach = 'own' | 'all' | 'on_sale';
interface Rule {
  /** Finds the rows of one wallet ($1); tables without one belong to no customer. */
  owned?: string;
  select?: Partial<Record<Caller, Reach>>;
  insert?: Partial<Record<Caller, Reach>>;
  delete?: Partial<Record<Caller, Reach>>;
  update?: Partial<Record<Caller, { rows: Reach; columns: readonly string[] | 'every' }>>;
}

const BY_USER = 'user_id = $1';
const BY_LEASE = 'lease_id in (select id from public.leases where user_id = $1)';
/** What a customer sees of the own wallet, staff of every one, the relay of all. */
const OWN = { customer: 'own', owner: 'own', staff: 'all', service: 'all' } as const;
const STAFF = { staff: 'all', service: 'all' } as const;
const RELAY = { service: 'all' } as const;
const FOR_SALE = {
  anonymous: 'on_sale',
  customer: 'on_sale',
  owner: 'on_sale',
  other_kiosk: 'on_sale',
  kiosk: 'on_sale',
  revoked_kiosk: 'on_sale',
  staff: 'all',
  service: 'all',
} as const;
const EVERY_COLUMN = { rows: 'all', columns: 'every' } as const;

const TABLES: Readonly<Record<string, Rule>> = {
  audit_log: { select: STAFF },
  card_batches: { select: STAFF },
  card_codes: { owned: 'card_id in (select id from public.time_cards where user_id = $1)', select: RELAY },
  enrolment_attempts: { select: RELAY },
  kiosk_enrolments: { select: RELAY },
  kiosk_streams: { select: STAFF },
  kiosks: { select: STAFF },
  lease_allocations: { owned: BY_LEASE, select: RELAY },
  lease_steps: { owned: BY_LEASE, select: RELAY },
  leases: { owned: BY_USER, select: OWN },
  ledger_entries: { owned: BY_USER, select: OWN },
  memories: {
    owned: BY_USER,
    // Not even staff reads what a customer told the assistant.
    select: { customer: 'own', owner: 'own', service: 'all' },
    insert: { service: 'all' },
    update: { service: EVERY_COLUMN },
    delete: { customer: 'own', owner: 'own', service: 'all' },
  },
  payment_history: { owned: BY_USER, select: OWN },
  pricing_tiers: {
    select: FOR_SALE,
    insert: STAFF,
    update: { staff: EVERY_COLUMN, service: EVERY_COLUMN },
  },
  purchases: { owned: BY_USER, select: STAFF },
  redeem_attempts: { select: RELAY },
  support_tickets: {
    owned: BY_USER,
    select: OWN,
    insert: { customer: 'own', owner: 'own', service: 'all' },
    update: { staff: { rows: 'all', columns: ['status', 'updated_at'] }, service: EVERY_COLUMN },
    delete: { service: 'all' },
  },
  sweep_cursors: { select: RELAY },
  time_cards: { owned: BY_USER, select: OWN },
  usage_batches: { select: RELAY },
  usage_parked: { select: STAFF },
  users: { owned: 'id = $1', select: OWN },
  visit_grants: { owned: BY_USER, select: RELAY },
  voice_sessions: { owned: BY_USER, select: OWN },
  webhook_inbox: { select: RELAY },
};

const ROLE = (caller: Caller) =>
  caller === 'anonymous' ? 'anon' : caller === 'service' ? 'service_role' : 'authenticated';

onBothVersions('attacks on tables', (database) => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld(database());
  });

  /** Addresses of the rows that a reach means for a caller. */
  async function rowsWithin(table: string, reach: Reach | undefined, caller: Caller): Promise<string[]> {
    if (reach === undefined) return [];
    const userId = caller === 'owner' ? world.owner.userId : world.customer.userId;
    const { owned } = TABLES[table] ?? {};
    const where = { all: 'true', on_sale: 'active', own: owned ?? 'false' }[reach];
    const values = where.includes('$1') ? [userId] : [];
    const { rows } = await world.db.admin.query(
      `select ctid::text as at from public.${table} where ${where} order by ctid`,
      values,
    );
    return rows.map((row) => row.at);
  }

  /** Addresses of the rows that a statement reaches for a caller; none when it is refused. */
  async function reached(caller: Caller, statement: string): Promise<number> {
    return world.attack(caller, async (client) => {
      const attempt = client.query(statement);
      const outcome = await outcomeOf(attempt);
      if (outcome === 'refused') return 0;
      expect([statement, outcome]).toEqual([statement, 'done']);
      return (await attempt).rowCount ?? 0;
    });
  }

  async function columnsOf(table: string): Promise<string[]> {
    const { rows } = await world.db.admin.query(
      `select attname as name from pg_attribute
       where attrelid = $1::regclass and attnum > 0 and not attisdropped and attidentity = '' order by attnum`,
      [`public.${table}`],
    );
    return rows.map((row) => row.name);
  }

  it('have a line for every table and view of the API, and rows to steal in each', async () => {
    const { rows } = await world.db.admin.query(
      `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'auth') and c.relkind in ('r', 'p', 'v', 'm', 'f')
         and has_schema_privilege('anon', n.oid, 'usage') order by 1`,
    );
    const names = rows.map((row) => row.name);
    expect(names).toEqual(Object.keys(TABLES).sort());
    for (const table of names) {
      const all = await rowsWithin(table, 'all', 'service');
      expect([table, all.length > 1]).toEqual([table, true]);
      if (!TABLES[table]?.owned) continue;
      for (const caller of ['customer', 'owner'] as const) {
        expect([table, caller, (await rowsWithin(table, 'own', caller)).length > 0]).toEqual([
          table,
          caller,
          true,
        ]);
      }
    }
  });

  it.each(Object.keys(TABLES))('reading %s shows each caller the listed rows only', async (table) => {
    for (const caller of CALLERS) {
      const seen = await world.attack(caller, async (client) => {
        const attempt = client.query(`select ctid::text as at from public.${table} order by ctid`);
        if ((await outcomeOf(attempt)) === 'refused') return [];
        return (await attempt).rows.map((row) => row.at);
      });
      expect([caller, seen]).toEqual([
        caller,
        await rowsWithin(table, TABLES[table]?.select?.[caller], caller),
      ]);
    }
  });

  it.each(Object.keys(TABLES))(
    'changing %s, column by column, reaches the listed rows only',
    async (table) => {
      for (const column of await columnsOf(table)) {
        for (const caller of CALLERS) {
          const rule = TABLES[table]?.update?.[caller];
          const isListed = rule && (rule.columns === 'every' || rule.columns.includes(column));
          const expected = await rowsWithin(table, isListed ? rule.rows : undefined, caller);
          const count = await reached(caller, `update public.${table} set ${column} = ${column}`);
          expect([caller, column, count]).toEqual([caller, column, expected.length]);
        }
      }
    },
  );

  it.each(Object.keys(TABLES))(
    'removing from %s and emptying it reaches the listed rows only',
    async (table) => {
      for (const caller of CALLERS) {
        const expected = await rowsWithin(table, TABLES[table]?.delete?.[caller], caller);
        expect([caller, await reached(caller, `delete from public.${table}`)]).toEqual([
          caller,
          expected.length,
        ]);
        const emptied = world.attack(caller, (client) => client.query(`truncate public.${table} cascade`));
        expect([caller, await outcomeOf(emptied)]).toEqual([caller, 'refused']);
      }
    },
  );

  it.each(Object.keys(TABLES))('adding to %s is refused but for the listed', async (table) => {
    const { owned } = TABLES[table] ?? {};
    const everyColumn = await columnsOf(table);
    for (const caller of CALLERS) {
      const reach = TABLES[table]?.insert?.[caller];
      // The columns this caller may fill, all of them when there is none: then the rights refuse it.
      const { rows: granted } = await world.db.admin.query(
        `select c.name from unnest($1::text[]) as c (name)
         where has_column_privilege($2, $3::regclass, c.name, 'insert')`,
        [everyColumn, ROLE(caller), `public.${table}`],
      );
      const columns = granted.length > 0 ? granted.map((row) => row.name) : everyColumn;
      const list = columns.join(', ');
      for (const whose of ['customer', 'owner'] as const) {
        const { rows } = await world.db.admin.query(
          `select to_jsonb(t) as copy from public.${table} as t where ${owned ?? 'true or $1::uuid is null'} limit 1`,
          [world[whose].userId],
        );
        const attempt = world.attack(caller, (client) =>
          client.query(
            `insert into public.${table} (${list}) select ${list} from jsonb_populate_record(null::public.${table}, $1)`,
            [rows[0].copy],
          ),
        );
        const isListed = reach === 'all' || (reach === 'own' && whose === caller);
        expect([caller, whose, await outcomeOf(attempt)]).toEqual([
          caller,
          whose,
          isListed ? 'done' : 'refused',
        ]);
      }
    }
  });

  it('claims that a person can write about themselves count for nothing', async () => {
    const id = await world.db.createAuthUser({
      email: `${world.owner.userId}@example.org`,
      userMetadata: { kind: 'staff', kiosk_id: world.owner.kiosk.kioskId, user_id: world.owner.userId },
    });
    const seen = await world.db.asUser(id, async (client) => {
      const counts = await client.query(
        `select (select count(*)::int from public.users) as wallets, (select count(*)::int from public.audit_log) as audit`,
      );
      return counts.rows[0];
    });
    expect(seen).toEqual({ wallets: 1, audit: 0 });
  });
});
