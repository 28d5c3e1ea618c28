/** What is thrown away after a while and what never is; webhook events that can't be worked off. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { TestDatabase } from '../../support/database/database.ts';
import {
  type Answer,
  asRelay,
  factsOf,
  ledgerProblems,
  makeKiosk,
  makeWallet,
  onBothVersions,
  openLease,
  redeem,
  UsageLog,
} from '../../support/database/database-kit.ts';

const NOTHING = {
  usageHashes: 0,
  redeemAttempts: 0,
  enrolmentAttempts: 0,
  enrolmentCodes: 0,
  visitGrants: 0,
  memories: 0,
  webhookPayloads: 0,
  isMore: false,
};

const prune = (db: TestDatabase, args = {}) => asRelay(db, 'prune_old_data', args);

async function count(db: TestDatabase, table: string, where = 'true', values: unknown[] = []) {
  const { rows } = await db.admin.query(
    `select count(*)::int as n from public.${table} where ${where}`,
    values,
  );
  return rows[0]?.n;
}

async function storeEvent(db: TestDatabase): Promise<string> {
  const eventId = `evt_${randomUUID()}`;
  const event = {
    eventId,
    type: 'charge.refunded',
    created: '2026-11-01T00:00:00Z',
    livemode: false,
    payload: { data: { object: { receipt_email: 'payer@example.com' } } },
  };
  await asRelay(db, 'store_webhook_events', { p_events: JSON.stringify([event]) });
  return eventId;
}

const finish = (db: TestDatabase, eventId: string, error: string | null, isOutage = false) =>
  asRelay<{ setAside: boolean }>(db, 'finish_webhook_event', {
    p_event_id: eventId,
    p_error: error,
    p_is_outage: isOutage,
  });

async function setAside(db: TestDatabase): Promise<string> {
  const eventId = await storeEvent(db);
  for (let tries = 0; tries < 10; tries += 1) await finish(db, eventId, 'No such charge: ch_1');
  return eventId;
}

/** Moves a moment of every row of a table into the past. */
const age = (db: TestDatabase, table: string, column: string, interval: string) =>
  db.admin.query(`update public.${table} set ${column} = ${column} - $1::interval`, [interval]);

onBothVersions('what is old', (database) => {
  async function inCopy(work: (db: TestDatabase) => Promise<void>): Promise<void> {
    const db = await database().copy();
    try {
      await work(db);
    } finally {
      await db.stop();
    }
  }

  /** Rows of a kind, how old they must be to go, and what is left then. */
  const KINDS: readonly {
    kind: keyof typeof NOTHING;
    table: string;
    moment: string;
    kept: string;
    gone: string;
    make: (db: TestDatabase) => Promise<unknown>;
  }[] = [
    {
      kind: 'usageHashes',
      table: 'usage_batches',
      moment: 'received_at',
      kept: '29 days 23 hours',
      gone: '1 hour 1 second',
      make: async (db) => {
        const kiosk = await makeKiosk(db);
        const wallet = await makeWallet(db, kiosk, [{ paidSeconds: 60 }]);
        const log = new UsageLog();
        log.add('talk_started', factsOf(wallet, (await openLease(kiosk, wallet, 60)).leaseId));
        await log.post(kiosk);
      },
    },
    {
      kind: 'redeemAttempts',
      table: 'redeem_attempts',
      moment: 'at',
      kept: '29 days 23 hours',
      gone: '1 hour 1 second',
      make: async (db) => redeem(db, await makeKiosk(db), 'ab'.repeat(16), randomUUID()),
    },
    {
      kind: 'enrolmentAttempts',
      table: 'enrolment_attempts',
      moment: 'at',
      kept: '23 hours',
      gone: '1 hour 1 second',
      make: (db) => asRelay(db, 'check_kiosk_enrolment', { p_code_hash: 'none', p_source: 'a' }),
    },
    {
      kind: 'enrolmentCodes',
      table: 'kiosk_enrolments',
      moment: 'expires_at',
      kept: '30 days 59 minutes',
      gone: '1 minute 1 second',
      make: (db) => asRelay(db, 'create_kiosk_enrolment', { p_name: 'Unused' }),
    },
    {
      kind: 'visitGrants',
      table: 'visit_grants',
      moment: 'expires_at',
      kept: '7 days 11 hours 59 minutes',
      gone: '1 minute 1 second',
      make: async (db) => makeWallet(db, await makeKiosk(db), [{ paidSeconds: 60 }]),
    },
    {
      kind: 'memories',
      table: 'memories',
      moment: 'expires_at',
      kept: '364 days 23 hours',
      gone: '1 hour 1 second',
      make: async (db) => {
        const { userId } = await makeWallet(db, await makeKiosk(db), [{ paidSeconds: 60 }]);
        await db.admin.query(
          `insert into public.memories (user_id, content, consented_at, expires_at)
           values ($1, 'likes tea', now(), now() + interval '365 days')`,
          [userId],
        );
      },
    },
  ];

  it.each(KINDS)('$kind of $table go when they are old enough, and not before', async (row) => {
    await inCopy(async (db) => {
      await row.make(db);
      const before = await count(db, row.table);
      expect(before).toBeGreaterThan(0);
      await age(db, row.table, row.moment, row.kept);
      expect(await prune(db)).toMatchObject({ [row.kind]: 0 });
      expect(await count(db, row.table)).toBe(before);
      await age(db, row.table, row.moment, row.gone);
      expect(await prune(db)).toMatchObject({ [row.kind]: before });
      expect(await count(db, row.table)).toBe(0);
      expect(await prune(db)).toEqual(NOTHING);
      expect(await ledgerProblems(db)).toEqual([]);
    });
  });

  it('goes in small steps: asked for little, it says that there is more', async () => {
    await inCopy(async (db) => {
      const kiosk = await makeKiosk(db);
      for (let tries = 0; tries < 5; tries += 1) await redeem(db, kiosk, 'ab'.repeat(16), randomUUID());
      await age(db, 'redeem_attempts', 'at', '31 days');
      const step = () => prune(db, { p_limit: 2 });
      expect(await step()).toEqual({ ...NOTHING, redeemAttempts: 2, isMore: true });
      expect(await step()).toMatchObject({ redeemAttempts: 2, isMore: true });
      expect(await step()).toMatchObject({ redeemAttempts: 1, isMore: false });
      for (const args of [{ p_limit: 0 }, { p_limit: 50_001 }, { p_webhook_payload_days: 0 }]) {
        await expect(prune(db, args)).rejects.toThrow('invalid_amount');
      }
    });
  });

  it('leaves rows that somebody has locked to the next time instead of waiting', async () => {
    await inCopy(async (db) => {
      await redeem(db, await makeKiosk(db), 'ab'.repeat(16), randomUUID());
      await age(db, 'redeem_attempts', 'at', '31 days');
      const client = await db.admin.connect();
      try {
        await client.query('begin; select * from public.redeem_attempts for update');
        expect(await prune(db)).toEqual(NOTHING);
        await client.query('rollback');
      } finally {
        client.release();
      }
      expect(await prune(db)).toMatchObject({ redeemAttempts: 1 });
    });
  });

  it('keeps enrolment codes that became a kiosk, talks, payments, parked rows, the ledger and the audit log', async () => {
    await inCopy(async (db) => {
      const kiosk = await makeKiosk(db);
      const wallet = await makeWallet(db, kiosk, [{ paidSeconds: 60 }]);
      const log = new UsageLog();
      const facts = factsOf(wallet, (await openLease(kiosk, wallet, 60)).leaseId);
      log.add('talk_started', facts);
      log.add('tick', facts, { seconds: 600 });
      await log.post(kiosk);
      await asRelay(db, 'create_kiosk_enrolment', { p_name: 'Used' });
      await db.admin.query(
        `update public.kiosk_enrolments set used_at = now() - interval '5 years', kiosk_id = $1,
           created_at = now() - interval '5 years', expires_at = now() - interval '5 years'`,
        [kiosk.kioskId],
      );
      await age(db, 'voice_sessions', 'started_at', '5 years');
      await age(db, 'usage_parked', 'created_at', '5 years');
      await age(db, 'payment_history', 'created_at', '5 years');
      const tables = [
        'kiosk_enrolments',
        'voice_sessions',
        'usage_parked',
        'payment_history',
        'ledger_entries',
      ];
      const all = () =>
        Promise.all([...tables, 'audit_log', 'visit_grants'].map((table) => count(db, table)));
      const before = await all();
      expect(before).not.toContain(0);
      expect(await prune(db)).toEqual(NOTHING);
      expect(await all()).toEqual(before);
    });
  });

  it('is the text of a webhook event after 90 days, or as many as are set; id, type and outcome stay', async () => {
    await inCopy(async (db) => {
      const [done, waiting, aside] = [await storeEvent(db), await storeEvent(db), await setAside(db)];
      await finish(db, done, null);
      const withText = async () => {
        const { rows } = await db.admin.query(
          'select event_id as id from public.webhook_inbox where payload is not null',
        );
        return rows.map((row) => row.id).sort();
      };
      await age(db, 'webhook_inbox', 'received_at', '29 days 23 hours');
      expect(await prune(db, { p_webhook_payload_days: 30 })).toEqual(NOTHING);
      await age(db, 'webhook_inbox', 'received_at', '59 days');
      expect(await prune(db)).toEqual(NOTHING);
      expect(await withText()).toEqual([done, waiting, aside].sort());
      await age(db, 'webhook_inbox', 'received_at', '1 day 1 hour');
      expect(await prune(db)).toEqual({ ...NOTHING, webhookPayloads: 2 });
      expect(await withText()).toEqual([waiting]);
      expect(await count(db, 'webhook_inbox', "type = 'charge.refunded'")).toBe(3);
      // It comes again: known, and not worked off a second time.
      const again = { eventId: done, type: 'x', created: '2026-11-01', livemode: false, payload: {} };
      expect(await asRelay(db, 'store_webhook_events', { p_events: JSON.stringify([again]) })).toEqual([
        { stored: false, processed: true },
      ]);
      await expect(asRelay(db, 'retry_webhook_event', { p_event_id: aside })).rejects.toThrow(
        'event_too_old',
      );
    });
  });
});

onBothVersions('a webhook event that can never be worked off', (database) => {
  const state = (db: TestDatabase) =>
    asRelay<{ waiting: number; setAside: number; oldestWaitingAt: string | null }>(
      db,
      'webhook_inbox_state',
      {},
    );
  const pendingIds = async (db: TestDatabase) => {
    await db.admin.query('update public.webhook_inbox set next_attempt_at = now()');
    const events = await asRelay<{ eventId: string }[]>(db, 'pending_webhook_events', { p_limit: 100 });
    return events.map((event) => event.eventId);
  };

  it('is set aside at the tenth error, noted, shown, and no longer handed out', async () => {
    const db = await database().copy();
    try {
      const eventId = await storeEvent(db);
      for (let tries = 1; tries < 10; tries += 1) {
        expect(await finish(db, eventId, `error ${tries}`)).toEqual({ setAside: false });
      }
      expect(await state(db)).toMatchObject({ waiting: 1, setAside: 0 });
      expect((await state(db)).oldestWaitingAt).toMatch(/^20..-/);
      expect(await pendingIds(db)).toEqual([eventId]);
      expect(await finish(db, eventId, 'No such charge: ch_1')).toEqual({ setAside: true });
      expect(await pendingIds(db)).toEqual([]);
      expect(await state(db)).toEqual({ waiting: 0, setAside: 1, oldestWaitingAt: null });
      const list = await asRelay<Answer[]>(db, 'list_set_aside_webhook_events', {});
      expect(list).toMatchObject([
        {
          eventId,
          type: 'charge.refunded',
          attempts: 10,
          lastError: 'No such charge: ch_1',
          canRetry: true,
        },
      ]);
      expect(JSON.stringify(list)).not.toContain('payer@example.com');
      expect(await ledgerProblems(db)).toMatchObject([
        { problem: 'webhook_event_set_aside', subject: eventId },
      ]);
      expect(
        await count(db, 'audit_log', "action = 'webhook_event_set_aside' and subject = $1", [eventId]),
      ).toBe(1);
    } finally {
      await db.stop();
    }
  });

  it('is not one that met an outage, however long it lasts', async () => {
    const db = database();
    const eventId = await storeEvent(db);
    for (let tries = 0; tries < 15; tries += 1) {
      expect(await finish(db, eventId, 'Stripe is away', true)).toEqual({ setAside: false });
    }
    for (let tries = 0; tries < 9; tries += 1) await finish(db, eventId, 'No such charge');
    expect(await pendingIds(db)).toContain(eventId);
    expect(await finish(db, eventId, null)).toEqual({ setAside: false });
    expect(await pendingIds(db)).not.toContain(eventId);
    expect(await ledgerProblems(db)).toEqual([]);
  });

  it('gets ten more tries when staff says so, and counts no more once it was worked off', async () => {
    const db = await database().copy();
    try {
      const eventId = await setAside(db);
      const retry = (id: string) => asRelay(db, 'retry_webhook_event', { p_event_id: id });
      expect(await retry(eventId)).toEqual({ eventId, retried: true });
      expect(await retry(eventId)).toEqual({ eventId, retried: false });
      expect(await pendingIds(db)).toEqual([eventId]);
      for (let tries = 0; tries < 9; tries += 1) await finish(db, eventId, 'No such charge');
      expect(await finish(db, eventId, 'No such charge')).toEqual({ setAside: true });
      // Somebody had begun before it was set aside again, and came through.
      expect(await finish(db, eventId, null)).toEqual({ setAside: false });
      expect(await state(db)).toMatchObject({ waiting: 0, setAside: 0 });
      expect(await ledgerProblems(db)).toEqual([]);
      await expect(retry('evt_none')).rejects.toThrow('event_unknown');
      expect(await count(db, 'audit_log', "action = 'webhook_event_retried'")).toBe(1);
    } finally {
      await db.stop();
    }
  });

  it('counts no more when staff has settled it by hand, and can be taken up again', async () => {
    const db = await database().copy();
    try {
      const eventId = await setAside(db);
      const review = (id: string) =>
        asRelay(db, 'review_webhook_event', { p_event_id: id, p_note: 'refunded by hand' });
      expect(await review(eventId)).toEqual({ eventId, reviewed: true });
      expect(await review(eventId)).toEqual({ eventId, reviewed: false });
      expect(await state(db)).toMatchObject({ waiting: 0, setAside: 0 });
      expect(await asRelay(db, 'list_set_aside_webhook_events', {})).toEqual([]);
      expect(await pendingIds(db)).toEqual([]);
      expect(await ledgerProblems(db)).toEqual([]);
      const noted = `action = 'webhook_event_reviewed' and subject = $1 and details ->> 'note' = 'refunded by hand'`;
      expect(await count(db, 'audit_log', noted, [eventId])).toBe(1);
      expect(await asRelay(db, 'retry_webhook_event', { p_event_id: eventId })).toEqual({
        eventId,
        retried: true,
      });
      expect(await pendingIds(db)).toEqual([eventId]);
      const waiting = await storeEvent(db);
      expect(await review(waiting)).toEqual({ eventId: waiting, reviewed: false });
      await expect(review('evt_none')).rejects.toThrow('event_unknown');
    } finally {
      await db.stop();
    }
  });
});
