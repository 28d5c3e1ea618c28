/** Who may see and do what, tried as the real callers. */
import { randomUUID } from 'node:crypto';
import type { PoolClient } from 'pg';
import { expect, it } from 'vitest';
import type { TestDatabase } from '../../support/database/database.ts';
import {
  asRelay,
  bucketsOf,
  buyCard,
  call,
  makeKiosk,
  makeWallet,
  onBothVersions,
  UsageLog,
} from '../../support/database/database-kit.ts';

const EVERYONE_MAY_READ = ['pricing_tiers'];

onBothVersions('access', (database) => {
  async function tablesOf(db: TestDatabase): Promise<string[]> {
    const { rows } = await db.admin.query(
      `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1`,
    );
    return rows.map((row) => row.relname);
  }

  /** Two accounts, each with a card, a payment, a talk, a lease and a ledger. */
  async function twoCustomers(db: TestDatabase) {
    const kiosk = await makeKiosk(db);
    const make = async () => {
      const userId = await db.createAuthUser({ email: `${randomUUID()}@example.com` });
      const card = await buyCard(db, { paidSeconds: 600, userId });
      const visitId = randomUUID();
      await db.admin.query(
        `insert into public.visit_grants (user_id, kiosk_id, visit_id, expires_at)
         values ($1, $2, $3, now() + interval '1 hour')`,
        [userId, kiosk.kioskId, visitId],
      );
      const leaseId = randomUUID();
      await kiosk.rpc('open_lease', {
        p_lease_id: leaseId,
        p_user_id: userId,
        p_visit_id: visitId,
        p_seconds: 60,
      });
      const log = new UsageLog();
      const facts = { talkId: randomUUID(), leaseId, userId, visitId };
      log.add('talk_started', facts);
      log.ticks(5, facts);
      await log.post(kiosk);
      await db.admin.query(
        `insert into public.memories (user_id, content, consented_at, expires_at)
         values ($1, 'likes tea', now(), now() + interval '1 year')`,
        [userId],
      );
      return { userId, cardId: card.cardId, visitId };
    };
    return { kiosk, one: await make(), two: await make() };
  }

  it('shows a customer the own rows only', async () => {
    const db = database();
    const { one, two } = await twoCustomers(db);
    const own = ['time_cards', 'payment_history', 'leases', 'ledger_entries', 'voice_sessions', 'memories'];
    for (const table of own) {
      const owners = await db.asUser(one.userId, async (client) => {
        const { rows } = await client.query(`select distinct user_id from public.${table}`);
        return rows.map((row) => row.user_id);
      });
      expect([table, owners]).toEqual([table, [one.userId]]);
    }
    const wallets = await db.asUser(one.userId, (client) => client.query('select id from public.users'));
    expect(wallets.rows).toEqual([{ id: one.userId }]);
    const balance = (userId: string) =>
      db.asUser(one.userId, (client) =>
        call<{ availableSeconds: number }>(client, 'get_user_time_balance', { user_id: userId }),
      );
    expect((await balance(one.userId)).availableSeconds).toBe(540);
    await expect(balance(two.userId)).rejects.toThrow('forbidden');
  });

  it('shows a kiosk no table but the packages, and no balance without a grant', async () => {
    const db = database();
    const { kiosk } = await twoCustomers(db);
    for (const table of await tablesOf(db)) {
      const count = await db
        .asUser(kiosk.authUserId, (client) => client.query(`select * from public.${table} limit 1`))
        .then(({ rows }) => rows.length)
        .catch((error: Error) => (error.message.includes('permission denied') ? 0 : Number.NaN));
      expect([table, count]).toEqual([table, EVERYONE_MAY_READ.includes(table) ? 1 : 0]);
    }
  });

  it('shows a visitor without account nothing but the packages on sale', async () => {
    const db = database();
    for (const table of await tablesOf(db)) {
      const reading = db.asRole({ role: 'anon' }, (client) => client.query(`select * from public.${table}`));
      if (EVERYONE_MAY_READ.includes(table)) {
        const { rows } = await reading;
        expect(rows.length).toBeGreaterThan(0);
        expect(rows.every((row) => row.active)).toBe(true);
      } else await expect(reading).rejects.toThrow('permission denied');
    }
  });

  it('shows staff what reports need, but never what a code is made of', async () => {
    const db = database();
    const { one } = await twoCustomers(db);
    const staff = await db.createAuthUser({
      email: `${randomUUID()}@example.com`,
      appMetadata: { kind: 'staff' },
    });
    const read = (table: string) =>
      db.asUser(staff, async (client) => (await client.query(`select * from public.${table}`)).rows);
    for (const table of ['users', 'time_cards', 'payment_history', 'voice_sessions', 'kiosks', 'purchases']) {
      expect([table, (await read(table)).length > 0]).toEqual([table, true]);
    }
    await expect(read('card_codes')).rejects.toThrow('permission denied');
    expect(await read('memories')).toEqual([]);
    await db.asUser(staff, (client) => call(client, 'report_today', { p_time_zone: 'UTC' }));
    for (const [name, args] of [
      ['report_today', { p_time_zone: 'UTC' }],
      ['void_lease', { p_lease_id: randomUUID(), p_reason: 'x' }],
      ['revoke_kiosk', { p_kiosk_id: randomUUID(), p_reason: 'x' }],
    ] as const) {
      await expect(db.asUser(one.userId, (client) => call(client, name, args))).rejects.toThrow('forbidden');
    }
    const update = (userId: string) =>
      db.asUser(userId, (client) =>
        client.query(`update public.pricing_tiers set description = 'new' where id = 'starter'`),
      );
    expect((await update(one.userId)).rowCount).toBe(0);
    expect((await update(staff)).rowCount).toBe(1);
    const { rows } = await db.admin.query(
      `select actor_kind, actor_id, details -> 'after' ->> 'description' as after from public.audit_log
       where action = 'package_update' and subject = 'starter'`,
    );
    expect(rows).toEqual([{ actor_kind: 'staff', actor_id: staff, after: 'new' }]);
  });

  it('refuses every direct write to what is money, to every caller', async () => {
    const db = database();
    const { one } = await twoCustomers(db);
    const protectedTables = (await tablesOf(db)).filter(
      (table) => !['pricing_tiers', 'memories', 'support_tickets'].includes(table),
    );
    for (const table of protectedTables) {
      const { rows } = await db.admin.query(
        `select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0
           and attidentity = '' order by attnum limit 1`,
        [`public.${table}`],
      );
      const statements = [
        `insert into public.${table} default values`,
        `update public.${table} set ${rows[0].name} = ${rows[0].name}`,
        `delete from public.${table}`,
        `truncate public.${table}`,
      ];
      for (const statement of statements) {
        const attempt = (client: PoolClient) => client.query(statement);
        await expect(db.asRole({ role: 'anon' }, attempt)).rejects.toThrow('permission denied');
        await expect(db.asUser(one.userId, attempt)).rejects.toThrow('permission denied');
        await expect(db.asService(attempt)).rejects.toThrow('permission denied');
      }
    }
  });

  it('never changes or removes a ledger or audit entry, not even for the owner of the tables', async () => {
    const db = database();
    await twoCustomers(db);
    await asRelay(db, 'enrol_kiosk', { p_kiosk_id: randomUUID(), p_auth_user_id: null, p_name: 'Hall' });
    for (const table of ['ledger_entries', 'audit_log']) {
      for (const statement of [`update public.${table} set at = now()`, `delete from public.${table}`]) {
        await expect(db.admin.query(statement)).rejects.toThrow('append_only');
      }
      await expect(db.admin.query(`truncate public.${table}`)).rejects.toThrow('append_only');
    }
  });

  it('refuses by constraint what would not add up, whatever code tries', async () => {
    const db = database();
    const kiosk = await makeKiosk(db);
    const { cardIds } = await makeWallet(db, kiosk, [{ paidSeconds: 100 }]);
    const attempts = [
      'set paid_available_seconds = -1',
      'set paid_available_seconds = 101',
      'set paid_seconds = 200',
      'set paid_available_seconds = 101, paid_held_seconds = -1',
      'set bonus_available_seconds = 1',
    ];
    for (const attempt of attempts) {
      // Past the trigger that lets only the ledger change a card: as a fault in that very function would.
      const update = `set session_replication_role = replica;
        update public.time_cards ${attempt} where id = '${cardIds[0]}'`;
      await expect(db.admin.query(update)).rejects.toThrow('check constraint');
    }
    expect((await bucketsOf(db, cardIds[0])).available).toEqual([100, 0]);
  });

  it('lets each function be called by those who need it, and nobody else', async () => {
    const { rows } = await database().admin.query(
      `select p.proname as name, array_agg(r.role order by r.role) filter (
           where has_function_privilege(r.role, p.oid, 'execute')) as callers
       from pg_proc p, unnest(array['anon', 'authenticated', 'service_role']) as r (role)
       where p.pronamespace = 'public'::regnamespace group by 1 order by 1`,
    );
    const relayOnly = ['service_role'];
    const signedIn = ['authenticated', 'service_role'];
    const kioskOnly = ['authenticated'];
    expect(Object.fromEntries(rows.map((row) => [row.name, row.callers]))).toEqual({
      advance_sweep_cursor: relayOnly,
      check_kiosk_enrolment: relayOnly,
      cleanup_expired_time_cards: relayOnly,
      create_kiosk_enrolment: signedIn,
      create_purchase: relayOnly,
      deduct_user_time: relayOnly,
      enrol_kiosk: relayOnly,
      extend_lease: kioskOnly,
      fail_purchase: relayOnly,
      find_purchase: relayOnly,
      finish_kiosk_enrolment: relayOnly,
      finish_webhook_event: relayOnly,
      fulfil_payment: relayOnly,
      get_card_batch: relayOnly,
      get_purchase: relayOnly,
      get_user_time_balance: signedIn,
      issue_card_batch: relayOnly,
      list_set_aside_webhook_events: signedIn,
      list_packages: ['anon', 'authenticated', 'service_role'],
      merge_wallet: relayOnly,
      open_lease: kioskOnly,
      open_own_wallet: ['authenticated'],
      pending_webhook_events: relayOnly,
      post_usage: kioskOnly,
      prune_old_data: relayOnly,
      redeem_code: relayOnly,
      refund_payment: relayOnly,
      report_today: signedIn,
      report_written_off: signedIn,
      review_parked_usage: signedIn,
      retry_webhook_event: signedIn,
      review_webhook_event: signedIn,
      revoke_card: signedIn,
      revoke_kiosk: signedIn,
      set_purchase_checkout: relayOnly,
      settle_silent_leases: relayOnly,
      store_webhook_events: relayOnly,
      verify_ledger: signedIn,
      void_lease: signedIn,
      webhook_inbox_state: signedIn,
    });
  });

  it('refuses kiosk functions to customers and staff, and to a device account of another kiosk', async () => {
    const db = database();
    const { one } = await twoCustomers(db);
    const open = (authUserId: string) =>
      db.asUser(authUserId, (client) =>
        call(client, 'open_lease', {
          p_lease_id: randomUUID(),
          p_user_id: one.userId,
          p_visit_id: one.visitId,
          p_seconds: 60,
        }),
      );
    await expect(open(one.userId)).rejects.toThrow('forbidden');
    const kiosk = await makeKiosk(db);
    const impostor = await db.createAuthUser({
      email: `${randomUUID()}@example.com`,
      appMetadata: { kind: 'kiosk', kiosk_id: kiosk.kioskId },
    });
    await expect(open(impostor)).rejects.toThrow('kiosk_revoked');
  });

  it('lets a customer write a ticket of the own and have memories forgotten', async () => {
    const db = database();
    const { one, two } = await twoCustomers(db);
    const write = (userId: string) =>
      db.asUser(one.userId, (client) =>
        client.query(`insert into public.support_tickets (user_id, subject) values ($1, 'No sound')`, [
          userId,
        ]),
      );
    expect((await write(one.userId)).rowCount).toBe(1);
    await expect(write(two.userId)).rejects.toThrow('row-level security');
    const forget = await db.asUser(one.userId, (client) => client.query('delete from public.memories'));
    expect(forget.rowCount).toBe(1);
  });
});
