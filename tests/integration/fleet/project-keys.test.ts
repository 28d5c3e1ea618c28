/**
 * A fleet whose project has keys of today's form alone (`sb_publishable_…`, `sb_secret_…`): the functions get them as
 * Supabase gives them, a kiosk enrols and sells, and the schedule is the SQL of docs/fleet.md, word for word. pg_cron,
 * pg_net and the vault are not there; small functions of the same names and arguments keep what they are given.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { createRelayClient } from '../../../src-station/relay-client/relay-client.ts';
import { type Fleet, kioskInFleet, startFleet } from '../../support/fleet/fleet.ts';
import { payAt } from '../../support/relay/relay.ts';

const GUIDE = fileURLToPath(new URL('../../../docs/fleet.md', import.meta.url));

/** The signatures are those of vault 0.3, pg_net 0.14 and pg_cron 1.6. */
const STAND_INS = `
  create schema vault;
  create table vault.decrypted_secrets (name text primary key, decrypted_secret text);
  create function vault.create_secret(new_secret text, new_name text default null, new_description text default '',
      new_key_id uuid default null) returns uuid language sql
    as $$ insert into vault.decrypted_secrets values (new_name, new_secret); select gen_random_uuid() $$;
  create schema net;
  create table net.requests (url text, body jsonb, headers jsonb, timeout_milliseconds int);
  create function net.http_post(url text, body jsonb default '{}', params jsonb default '{}',
      headers jsonb default '{"Content-Type": "application/json"}', timeout_milliseconds int default 5000)
    returns bigint language sql as $$
      insert into net.requests values ($1, $2, $4, $5);
      select 1::bigint $$;
  create schema cron;
  create table cron.job (jobname text, schedule text, command text);
  create function cron.schedule(job_name text, schedule text, command text) returns bigint language sql
    as $$ insert into cron.job values ($1, $2, $3); select 1::bigint $$;`;

const requestSchema = z.object({
  url: z.url(),
  body: z.unknown(),
  headers: z.record(z.string(), z.string()),
  timeout_milliseconds: z.number(),
});

let fleet: Fleet;

beforeAll(async () => {
  fleet = await startFleet('opaque');
});
afterAll(() => fleet?.stop());

it('enrols a kiosk, which sells a card', async () => {
  expect([fleet.supabase.anonKey, fleet.supabase.serviceRoleKey]).toEqual([
    expect.stringMatching(/^sb_publishable_/),
    expect.stringMatching(/^sb_secret_/),
  ]);
  const kiosk = await kioskInFleet(fleet);
  const client = createRelayClient({ baseUrl: fleet.functions.url, kioskJwt: async () => kiosk.token });
  expect(await client.health()).toEqual({ database: 'ok', signingKeys: 'ok', stripe: 'ok' });
  const visitId = randomUUID();
  const begun = await client.createCheckout({
    ...{ purchaseId: randomUUID(), packageId: 'starter', visitId, userId: null },
  });
  await payAt(begun.checkoutUrl);
  expect(await client.purchase(begun.purchaseId, visitId)).toMatchObject({ status: 'paid' });
});

it('is kept in order by the schedule that the guide has', async () => {
  const { admin } = fleet.supabase.database;
  await admin.query(STAND_INS);
  const sql = /```sql\n(\s*create extension if not exists pg_cron;[\s\S]*?)```/.exec(
    readFileSync(GUIDE, 'utf8'),
  )?.[1];
  if (sql === undefined) throw new Error('docs/fleet.md has no SQL for the schedule');
  await admin.query(
    sql
      .replaceAll(/^\s*create extension.*$/gm, '')
      .replace('https://<ref>.supabase.co', new URL(fleet.functions.url).origin)
      .replace('<secret key>', fleet.supabase.serviceRoleKey),
  );
  const { rows: jobs } = await admin.query('select * from cron.job');
  expect(jobs).toMatchObject([{ jobname: 'housekeeping', schedule: '*/5 * * * *' }]);
  await admin.query(jobs[0].command);
  const { rows } = await admin.query('select * from net.requests');
  const [request] = z.array(requestSchema).length(1).parse(rows);
  expect(request?.headers).toEqual({
    'content-type': 'application/json',
    apikey: fleet.supabase.serviceRoleKey,
  });
  const send = (headers: Record<string, string>) =>
    fetch(request?.url ?? '', { method: 'POST', headers, body: JSON.stringify(request?.body) });
  const answer = await send(request?.headers ?? {});
  expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ expiredCards: 0 })]);
  for (const apikey of [fleet.supabase.anonKey, `${fleet.supabase.serviceRoleKey}x`, '']) {
    expect((await send({ apikey })).status).toBe(401);
  }
});
