/** One-time codes for new kiosks: made by staff, exchanged once, counted when wrong, and the kiosk that is replaced. */
import { createHash, randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import {
  asRelay,
  call,
  grantVisit,
  makeKiosk,
  makeWallet,
  onBothVersions,
  openLease,
} from '../../support/database/database-kit.ts';

interface Enrolment {
  code: string;
  name: string;
}
type Answer = { ok: true; name: string } | { ok: false; error: string };

const hashOf = (code: string) => createHash('sha256').update(code.replaceAll('-', '')).digest('hex');

onBothVersions('enrolments', (database) => {
  const create = (more: object = {}) =>
    asRelay<Enrolment>(database(), 'create_kiosk_enrolment', { p_name: 'Lobby', ...more });
  const check = (codeHash: string, source: string) =>
    asRelay<Answer>(database(), 'check_kiosk_enrolment', { p_code_hash: codeHash, p_source: source });

  /** Exchanges a code for a fresh device account. */
  async function finish(code: string): Promise<{ answer: Answer; kioskId: string; authUserId: string }> {
    const kioskId = randomUUID();
    const authUserId = await database().createAuthUser({
      email: `${kioskId}@kiosk.invalid`,
      appMetadata: { kind: 'kiosk', kiosk_id: kioskId },
    });
    const answer = await asRelay<Answer>(database(), 'finish_kiosk_enrolment', {
      p_code_hash: hashOf(code),
      p_kiosk_id: kioskId,
      p_auth_user_id: authUserId,
    });
    return { answer, kioskId, authUserId };
  }

  it('makes one kiosk of one code, whoever exchanges it at once or again', async () => {
    const { code } = await create();
    expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}$/);
    const tries = await Promise.all([finish(code), finish(code), finish(code)]);
    expect(tries.filter(({ answer }) => answer.ok).map(({ answer }) => answer)).toMatchObject([
      { ok: true, name: 'Lobby' },
    ]);
    expect((await finish(code)).answer).toEqual({ ok: false, error: 'code_not_accepted' });
    expect(await check(hashOf(code), randomUUID())).toEqual({ ok: false, error: 'code_not_accepted' });
  });

  it('lets the account of a lost race do nothing', async () => {
    const { code } = await create();
    await finish(code);
    const { authUserId } = await finish(code);
    await expect(
      database().asUser(authUserId, (client) =>
        call(client, 'post_usage', { p_epoch: randomUUID(), p_rows: '[]' }),
      ),
    ).rejects.toThrow('kiosk_revoked');
  });

  it('keeps no code, and ends one by the clock', async () => {
    const db = database();
    const { code } = await create();
    const { rows } = await db.admin.query('select e.*::text as row from public.kiosk_enrolments as e');
    expect(rows.some(({ row }) => row.includes(code) || row.includes(code.replaceAll('-', '')))).toBe(false);
    await db.admin.query(
      `update public.kiosk_enrolments set expires_at = now() - interval '1 second' where code_hash = $1`,
      [hashOf(code)],
    );
    expect((await finish(code)).answer).toEqual({ ok: false, error: 'code_not_accepted' });
  });

  it('stops an address after ten wrong codes and everybody after a hundred, right codes too', async () => {
    const { code } = await create();
    const wrong = (source: string) => check(hashOf(randomUUID()), source);
    for (let n = 0; n < 10; n += 1) {
      expect(await wrong('one')).toEqual({ ok: false, error: 'code_not_accepted' });
    }
    expect(await check(hashOf(code), 'one')).toEqual({ ok: false, error: 'too_many_tries' });
    expect(await check(hashOf(code), 'two')).toEqual({ ok: true });
    for (let n = 0; n < 90; n += 1) await wrong(`box ${n}`);
    expect(await check(hashOf(code), 'two')).toEqual({ ok: false, error: 'too_many_tries' });
    await database().admin.query(`update public.enrolment_attempts set at = at - interval '10 minutes'`);
    expect(await check(hashOf(code), 'one')).toEqual({ ok: true });
  });

  it('puts a new kiosk in the place of a broken one, whose reserved time stays held until it is voided', async () => {
    const db = database();
    const broken = await makeKiosk(db);
    const wallet = await makeWallet(db, broken, [{ paidSeconds: 600 }]);
    const { leaseId } = await openLease(broken, wallet, 60);
    const { code, name } = await create({ p_name: '', p_replaces: broken.kioskId });
    const old = await db.admin.query('select name from public.kiosks where id = $1', [broken.kioskId]);
    expect(name).toBe(old.rows[0].name);

    const { answer, kioskId, authUserId } = await finish(code);
    expect(answer).toMatchObject({ ok: true, name });
    await expect(openLease(broken, wallet, 60)).rejects.toThrow('kiosk_revoked');
    const lease = () => db.admin.query('select status from public.leases where id = $1', [leaseId]);
    expect((await lease()).rows).toEqual([{ status: 'open' }]);
    const fresh = { ...broken, kioskId, authUserId };
    await grantVisit(db, wallet, fresh);
    const balance = (userId: string) =>
      db.asUser(authUserId, (client) =>
        call<{ heldSeconds: number }>(client, 'get_user_time_balance', { user_id: userId }),
      );
    expect((await balance(wallet.userId)).heldSeconds).toBe(60);
    await asRelay(db, 'void_lease', { p_lease_id: leaseId, p_reason: 'broken' });
    expect((await balance(wallet.userId)).heldSeconds).toBe(0);
  });

  it('refuses a kiosk without a name, a life beyond a week, and one to replace that is not there', async () => {
    await expect(create({ p_name: ' ' })).rejects.toThrow('invalid_request');
    await expect(create({ p_valid_minutes: 10_081 })).rejects.toThrow('invalid_request');
    await expect(create({ p_replaces: randomUUID() })).rejects.toThrow('kiosk_unknown');
  });
});
