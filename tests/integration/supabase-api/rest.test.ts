/** The REST API of the embedded Supabase through the real supabase-js, on throw-away tables. */
import { randomUUID } from 'node:crypto';
import type { SupabaseClient } from '@supabase/supabase-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestSupabase, type TestSupabase } from '../../support/supabase/supabase.ts';

const SCHEMA = `
  create table public.note (
    id bigint primary key, owner uuid default auth.uid(), text text, big numeric, tags text[], extra jsonb,
    at timestamptz default '2026-01-02T03:04:05Z', "odd ""name" int
  );
  alter table public.note enable row level security;
  create policy own on public.note to authenticated using (owner = auth.uid()) with check (owner = auth.uid());
  grant select, insert, update, delete on public.note to authenticated, service_role;
  create table public.price (id text primary key, cents int not null check (cents > 0));
  grant select on public.price to anon, authenticated;
  grant all on public.price to service_role;
  insert into public.price values ('a', 100), ('b', 200), ('c', 300), ('d', 400);
  create table public.child (id int primary key, price_id text references public.price (id));
  grant all on public.child to service_role;
  create table public.hidden (id int);
  create table public.bond (price_id text primary key references public.price (id) deferrable initially deferred);
  create function public.bind(p_id text, p_then text default '') returns text language plpgsql security definer
    set search_path = '' as $$ begin
      insert into public.bond values (p_id);
      if p_then <> '' then raise exception '%', p_then; end if;
      return p_id;
    end $$;
  create function public.add(a int, b int default 10) returns int language sql stable return a + b;
  create function public.whoami() returns jsonb language sql stable
    return jsonb_build_object('role', current_user, 'uid', auth.uid(), 'session', session_user,
      'kind', auth.jwt() -> 'app_metadata' ->> 'kind');
  create function public.echo(p_doc jsonb, p_list int[], p_big bigint) returns jsonb language sql immutable
    return jsonb_build_object('doc', p_doc, 'list', p_list, 'big', p_big);
  create function public.cheap(p_max int) returns setof public.price language sql stable
    as 'select * from public.price where cents <= p_max';
  create function public.pair(out x int, out y text) language sql stable as $$ select 1, 'two' $$;
  create function public.numbers(p_n int) returns table (n int) language sql stable
    as 'select generate_series(1, p_n)';
  create function public.plain_set(p_n int) returns setof int language sql stable
    as 'select generate_series(1, p_n)';
  create function public.nothing() returns void language sql as '';
  create function public.write_price(p_id text) returns void language sql volatile security definer
    set search_path = '' as $$ insert into public.price values (p_id, 1) $$;
  create function public.refuse(p_message text) returns void language plpgsql
    as $$ begin raise exception '%', p_message using detail = 'why', hint = 'how'; end $$;
  create function public.slow() returns void language plpgsql as $$ begin perform pg_sleep(20); end $$;
  revoke execute on function public.write_price(text) from public;
  grant execute on function public.write_price(text) to service_role;
`;

let supabase: TestSupabase;
let anon: SupabaseClient;
let service: SupabaseClient;
let ann: SupabaseClient;
let bob: SupabaseClient;

beforeAll(async () => {
  supabase = await startTestSupabase({ migrations: false });
  await supabase.database.admin.query(SCHEMA);
  anon = supabase.client();
  service = supabase.service();
  ann = supabase.client();
  bob = supabase.client();
  await ann.auth.signInAnonymously();
  await bob.auth.signInAnonymously();
});
afterAll(() => supabase?.stop());
beforeEach(async () => {
  await supabase.database.admin.query(
    `delete from public.note; delete from public.child; delete from public.price where cents < 100`,
  );
});

async function raw(path: string, init: RequestInit & { key?: string } = {}) {
  const key = init.key ?? supabase.anonKey;
  const response = await fetch(`${supabase.url}/rest/v1/${path}`, {
    ...init,
    headers: { apikey: key, 'content-type': 'application/json', ...init.headers },
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text ? JSON.parse(text) : null };
}

describe('reading', () => {
  it('filters, orders, pages and counts', async () => {
    const page = await anon
      .from('price')
      .select('id, cents', { count: 'exact' })
      .gte('cents', 200)
      .order('cents', { ascending: false })
      .range(0, 1);
    expect(page).toMatchObject({
      data: [
        { id: 'd', cents: 400 },
        { id: 'c', cents: 300 },
      ],
      count: 3,
      status: 206,
    });
    const ids = async (query: PromiseLike<{ data: { id: unknown }[] | null; error: unknown }>) => {
      const { data, error } = await query;
      expect(error).toBeNull();
      return data?.map(({ id }) => id);
    };
    const price = () => anon.from('price').select('id').order('id');
    expect(await ids(price().eq('cents', 100))).toEqual(['a']);
    expect(await ids(price().neq('id', 'a').lt('cents', 400))).toEqual(['b', 'c']);
    expect(await ids(price().gt('cents', 100).lte('cents', 300))).toEqual(['b', 'c']);
    expect(await ids(price().in('id', ['a', 'd', 'x,y', 'it"s']))).toEqual(['a', 'd']);
    expect(await ids(price().not('id', 'in', '(a,b)'))).toEqual(['c', 'd']);
    expect(await ids(price().not('cents', 'is', null))).toHaveLength(4);
    expect(await ids(price().is('cents', null))).toEqual([]);
    expect(await ids(price().limit(1))).toEqual(['a']);
    const head = await anon.from('price').select('*', { count: 'exact', head: true });
    expect(head).toMatchObject({ count: 4, data: null, error: null });
  });

  it('answers one object, or says that there is not exactly one', async () => {
    expect((await anon.from('price').select().eq('id', 'a').single()).data).toEqual({ id: 'a', cents: 100 });
    expect((await anon.from('price').select().eq('id', 'zz').maybeSingle()).data).toBeNull();
    const none = await anon.from('price').select().eq('id', 'zz').single();
    expect(none).toMatchObject({
      status: 406,
      error: { code: 'PGRST116', details: 'The result contains 0 rows' },
    });
    expect((await anon.from('price').select().single()).error?.code).toBe('PGRST116');
  });

  it('shows each user their own rows, the service role all, and a stranger none', async () => {
    for (const [client, id] of [
      [ann, 1],
      [bob, 2],
    ] as const) {
      expect((await client.from('note').insert({ id, text: 'mine' })).error).toBeNull();
    }
    const seen = async (client: SupabaseClient) =>
      (await client.from('note').select('id').order('id')).data?.map(({ id }) => id);
    expect(await seen(ann)).toEqual([1]);
    expect(await seen(bob)).toEqual([2]);
    expect(await seen(service)).toEqual([1, 2]);
    const stranger = await anon.from('note').select();
    expect(stranger).toMatchObject({ status: 401, error: { code: '42501' } });
    const hidden = await ann.from('hidden').select();
    expect(hidden).toMatchObject({ status: 403, error: { code: '42501' } });
  });

  it('takes a Range header and refuses one that begins behind the end', async () => {
    const range = { headers: { range: '1-2', prefer: 'count=exact' } };
    const page = await raw('price?order=id', range);
    expect(page).toMatchObject({ status: 206, body: [{ id: 'b' }, { id: 'c' }] });
    expect(page.headers.get('content-range')).toBe('1-2/4');
    const behind = await raw('price?offset=9', { headers: { prefer: 'count=exact' } });
    expect(behind).toMatchObject({ status: 416, body: { code: 'PGRST103' } });
  });
});

describe('writing', () => {
  it('inserts, upserts, updates and deletes, and returns what was asked for', async () => {
    const inserted = await service
      .from('price')
      .insert([
        { id: 'x', cents: 1 },
        { id: 'y', cents: 2 },
      ])
      .select();
    expect(inserted).toMatchObject({
      status: 201,
      data: [
        { id: 'x', cents: 1 },
        { id: 'y', cents: 2 },
      ],
    });
    const merged = await service.from('price').upsert({ id: 'x', cents: 3 }).select('cents').single();
    expect(merged.data).toEqual({ cents: 3 });
    const ignored = await service
      .from('price')
      .upsert({ id: 'x', cents: 9 }, { onConflict: 'id', ignoreDuplicates: true })
      .select();
    expect(ignored.data).toEqual([]);
    const updated = await service.from('price').update({ cents: 5 }, { count: 'exact' }).in('id', ['x', 'y']);
    expect(updated).toMatchObject({ status: 204, count: 2, data: null });
    const deleted = await service.from('price').delete().eq('id', 'x').select().single();
    expect(deleted.data).toEqual({ id: 'x', cents: 5 });
    expect((await service.from('price').insert([])).error).toBeNull();
  });

  it('keeps every digit of large numbers, both ways, and odd names and types', async () => {
    const text =
      '{"id":9007199254740993,"big":12345678901234567890.123456789,"tags":["a","b,c"],"extra":{"k":[1]}}';
    const key = supabase.serviceRoleKey;
    const written = await raw('note', {
      key,
      method: 'POST',
      body: text,
      headers: { prefer: 'return=representation' },
    });
    expect(written.status).toBe(201);
    expect(written.text).toContain('"id":9007199254740993');
    expect(written.text).toContain('"big":12345678901234567890.123456789');
    const row = await service
      .from('note')
      .update({ 'odd "name': 7 })
      .eq('id', '9007199254740993')
      .select()
      .single();
    expect(row.data).toMatchObject({ 'odd "name': 7, tags: ['a', 'b,c'], extra: { k: [1] } });
    expect(row.data.at).toBe('2026-01-02T03:04:05+00:00');
  });

  it('maps the errors of Postgres', async () => {
    const twice = await service.from('price').insert({ id: 'a', cents: 1 });
    expect(twice).toMatchObject({ status: 409, error: { code: '23505' } });
    const dangling = await service.from('child').insert({ id: 1, price_id: 'nope' });
    expect(dangling).toMatchObject({ status: 409, error: { code: '23503' } });
    const negative = await service.from('price').insert({ id: 'n', cents: -1 });
    expect(negative).toMatchObject({ status: 400, error: { code: '23514' } });
    const foreign = await ann.from('note').insert({ id: 5, owner: randomUUID() });
    expect(foreign).toMatchObject({ status: 403, error: { code: '42501' } });
    const wrongType = await service.from('price').select().eq('cents', 'many');
    expect(wrongType).toMatchObject({ status: 400, error: { code: '22P02' } });
  });

  it('undoes a write whose answer is not the one object asked for', async () => {
    const { error } = await service
      .from('price')
      .insert([
        { id: 'p', cents: 1 },
        { id: 'q', cents: 2 },
      ])
      .select()
      .single();
    expect(error?.code).toBe('PGRST116');
    expect((await service.from('price').select().in('id', ['p', 'q'])).data).toEqual([]);
  });

  it('never changes a whole table', async () => {
    for (const method of ['PATCH', 'DELETE']) {
      const answer = await raw('price', { key: supabase.serviceRoleKey, method, body: '{"cents":1}' });
      expect(answer).toMatchObject({ status: 400, body: { code: '21000' } });
    }
    expect((await service.from('price').select()).data).toHaveLength(4);
  });
});

describe('functions', () => {
  it('take named arguments with defaults and answer what they return', async () => {
    expect((await anon.rpc('add', { a: 1, b: 2 })).data).toBe(3);
    expect((await anon.rpc('add', { a: 1 })).data).toBe(11);
    expect((await anon.rpc('add', { a: 1 }, { get: true })).data).toBe(11);
    const args = { p_doc: { a: [1, null] }, p_list: [1, 2], p_big: '9007199254740993' };
    const echo = await raw('rpc/echo', { method: 'POST', body: JSON.stringify(args) });
    expect(echo.text).toBe('{"big": 9007199254740993, "doc": {"a": [1, null]}, "list": [1, 2]}');
    expect((await anon.rpc('pair')).data).toEqual({ x: 1, y: 'two' });
    expect((await anon.rpc('numbers', { p_n: 2 })).data).toEqual([{ n: 1 }, { n: 2 }]);
    expect((await anon.rpc('plain_set', { p_n: 2 })).data).toEqual([1, 2]);
    expect(await anon.rpc('nothing')).toMatchObject({ status: 204, data: null, error: null });
    const cheap = await anon.rpc('cheap', { p_max: 300 }).select('id').gt('cents', 100).order('id').limit(5);
    expect(cheap.data).toEqual([{ id: 'b' }, { id: 'c' }]);
    expect((await anon.rpc('cheap', { p_max: 100 }).single()).data).toEqual({ id: 'a', cents: 100 });
    expect((await anon.rpc('whoami').single()).data).toMatchObject({ role: 'anon' });
  });

  it('run under the role and the claims of the token, and leave none behind', async () => {
    const { data } = await ann.auth.getUser();
    const mine = await Promise.all(Array.from({ length: 30 }, () => ann.rpc('whoami')));
    for (const answer of mine) {
      expect(answer.data).toEqual({
        role: 'authenticated',
        uid: data.user?.id,
        session: 'authenticator',
        kind: null,
      });
    }
    const others = await Promise.all(Array.from({ length: 30 }, () => anon.rpc('whoami')));
    for (const answer of others) expect(answer.data).toMatchObject({ role: 'anon', uid: null });
    expect((await service.rpc('whoami')).data).toMatchObject({ role: 'service_role' });
  });

  it('are refused where they are not granted, not known, or raise', async () => {
    expect(await anon.rpc('write_price', { p_id: 'w' })).toMatchObject({
      status: 401,
      error: { code: '42501' },
    });
    expect(await ann.rpc('write_price', { p_id: 'w' })).toMatchObject({
      status: 403,
      error: { code: '42501' },
    });
    expect(await anon.rpc('unknown')).toMatchObject({ status: 404, error: { code: 'PGRST202' } });
    expect(await anon.rpc('add', { a: 1, c: 2 })).toMatchObject({ status: 404, error: { code: 'PGRST202' } });
    const raised = await anon.rpc('refuse', { p_message: 'no_time_left' });
    const error = { code: 'P0001', message: 'no_time_left', details: 'why', hint: 'how' };
    expect(raised).toMatchObject({ status: 400, error });
  });

  it('leave nothing behind when they fail, not even when only the commit does', async () => {
    const bound = async () =>
      (await supabase.database.admin.query('select price_id from public.bond')).rows.map(
        (row) => row.price_id,
      );
    expect(await service.rpc('bind', { p_id: 'a', p_then: 'no' })).toMatchObject({
      error: { message: 'no' },
    });
    // Its foreign key is looked at when the transaction ends.
    expect(await service.rpc('bind', { p_id: 'nowhere' })).toMatchObject({
      status: 409,
      error: { code: '23503' },
    });
    expect(await bound()).toEqual([]);
    expect(await service.rpc('bind', { p_id: 'a' })).toMatchObject({ data: 'a', error: null });
    expect(await bound()).toEqual(['a']);
    await supabase.database.admin.query('delete from public.bond');
  });

  it('can not write on a GET', async () => {
    const answer = await service.rpc('write_price', { p_id: 'w' }, { get: true });
    expect(answer).toMatchObject({ status: 405, error: { code: '25006' } });
    expect((await service.rpc('write_price', { p_id: 'w' })).status).toBe(204);
  });
});

describe('what is not understood', () => {
  it.each([
    ['note?select=id,price(id)', 'PGRST100'],
    ['price?select=name:id', 'PGRST100'],
    ['price?select=id::text', 'PGRST100'],
    ['price?select=count()', 'PGRST100'],
    ['price?or=(id.eq.a,id.eq.b)', 'PGRST100'],
    ['price?id=like.a*', 'PGRST100'],
    ['price?id=fts.a', 'PGRST100'],
    ['price?id=a', 'PGRST100'],
    ['price?limit=-1', 'PGRST100'],
    ['price?limit=1&limit=2', 'PGRST100'],
    ['price?order=id.sideways', 'PGRST100'],
    ['price?child.order=id', 'PGRST100'],
    ['price?columns=id', 'PGRST100'],
    ['price?nonsense=eq.1', '42703'],
    ['nowhere', 'PGRST205'],
    ['pg_roles', 'PGRST205'],
    ['price/a', 'PGRST125'],
  ])('%s is refused', async (path, code) => {
    const answer = await raw(path);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.body.code).toBe(code);
  });

  it('is refused in headers and bodies too', async () => {
    const key = supabase.serviceRoleKey;
    expect((await raw('price', { headers: { 'accept-profile': 'auth' } })).status).toBe(406);
    expect((await raw('price', { headers: { accept: 'text/csv' } })).status).toBe(406);
    expect((await raw('price', { headers: { prefer: 'count=planned' } })).status).toBe(400);
    const post = (body: string, path = 'price') => raw(path, { key, method: 'POST', body });
    expect((await post('{"id":"x","cents":1,"nope":1}')).body.code).toBe('PGRST204');
    expect((await post('[{"id":"x","cents":1},{"id":"y"}]')).body.code).toBe('PGRST102');
    expect((await post('not json')).body.code).toBe('PGRST102');
    expect((await post('{"id":"x","cents":1}', 'price?id=eq.x')).body.code).toBe('PGRST100');
    expect((await post('[1]', 'rpc/add')).body.code).toBe('PGRST102');
    expect((await post(`"${'x'.repeat(1_100_000)}"`)).status).toBe(413);
    const xml = await raw('price', {
      key,
      method: 'POST',
      body: '<a/>',
      headers: { 'content-type': 'text/xml' },
    });
    expect(xml.status).toBe(415);
  });
});

describe('injection', () => {
  const evil = `'; drop table public.price; --`;
  const quoted = `id"; drop table public.price; --`;
  afterAll(async () => {
    expect((await service.from('price').select()).data?.length).toBeGreaterThanOrEqual(4);
  });

  it('through values finds nothing and breaks nothing', async () => {
    for (const operator of ['eq', 'neq', 'gt', 'gte', 'lt', 'lte'] as const) {
      expect((await anon.from('price').select().filter('id', operator, evil)).error).toBeNull();
    }
    expect((await anon.from('price').select().in('id', [evil, '\\', '"', '{a,b}', '(a)'])).data).toEqual([]);
    expect((await anon.from('price').select().filter('id', 'is', 'null or true')).error?.code).toBe(
      'PGRST100',
    );
    expect((await anon.rpc('refuse', { p_message: evil })).error?.message).toBe(evil);
    const written = await service.from('price').insert({ id: evil, cents: 1 }).select('id').single();
    expect(written.data).toEqual({ id: evil });
  });

  it('through names is refused', async () => {
    const name = encodeURIComponent(quoted);
    const paths = [
      `price?${name}=eq.1`,
      `price?select=${name}`,
      `price?order=${name}`,
      `price?order=id.asc%3bdrop`,
    ];
    for (const path of [...paths, `${name}`, `rpc/${name}`, `rpc/add?a=1&${name}=eq.1`]) {
      const answer = await raw(path);
      expect([path, answer.status >= 400 && answer.status < 500]).toEqual([path, true]);
    }
    const key = supabase.serviceRoleKey;
    const body = JSON.stringify({ [quoted]: 1 });
    expect((await raw('price', { key, method: 'POST', body })).body.code).toBe('PGRST204');
    expect((await raw('price?id=eq.a', { key, method: 'PATCH', body })).body.code).toBe('PGRST204');
    const conflict = `price?on_conflict=${name}`;
    const prefer = { prefer: 'resolution=merge-duplicates' };
    const upsert = await raw(conflict, {
      key,
      method: 'POST',
      body: '{"id":"a","cents":1}',
      headers: prefer,
    });
    expect(upsert.body.code).toBe('42703');
    expect((await raw('rpc/add', { method: 'POST', body: `{"a":1,"b) from pg_authid --":1}` })).status).toBe(
      404,
    );
  });

  it('through claims stays a claim', async () => {
    const claims = {
      sub: evil,
      role: 'authenticated',
      exp: 4_000_000_000,
      note: `'); set role postgres; --`,
    };
    const token = await supabase.sign(claims);
    const answer = await raw('price', { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(200);
    const uid = await raw('rpc/whoami', { headers: { authorization: `Bearer ${token}` } });
    expect(uid.body.code).toBe('22P02');
  });
});

describe('tokens', () => {
  const price = (headers: Record<string, string>) => fetch(`${supabase.url}/rest/v1/price`, { headers });

  it('are needed, and believed only when they are ours', async () => {
    expect((await price({})).status).toBe(401);
    expect((await price({ apikey: 'guess' })).status).toBe(401);
    const { anonKey } = supabase;
    const withBearer = async (token: string) => {
      const response = await price({ apikey: anonKey, authorization: `Bearer ${token}` });
      const body = (await response.json()) as { code?: string };
      return [response.status, body.code];
    };
    const claims = { sub: randomUUID(), role: 'authenticated', exp: 4_000_000_000 };
    expect((await withBearer(await supabase.sign(claims)))[0]).toBe(200);
    const expired = await supabase.sign({ ...claims, exp: 1_700_000_000 });
    expect(await withBearer(expired)).toEqual([401, 'PGRST303']);
    for (const role of ['postgres', 'supabase_admin', 'authenticator', 'supabase_auth_admin', '']) {
      expect(await withBearer(await supabase.sign({ ...claims, role }))).toEqual([401, 'PGRST301']);
    }
    expect(await withBearer(await supabase.sign({ role: 'authenticated' }))).toEqual([401, 'PGRST301']);
    const [header = '', payload = ''] = (await supabase.sign(claims)).split('../');
    expect(await withBearer(`${header}.${payload}.${'A'.repeat(86)}`)).toEqual([401, 'PGRST301']);
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
    expect(await withBearer(`${none}.${payload}.`)).toEqual([401, 'PGRST301']);
  });

  it('never reach the health check, which names the instance', async () => {
    const health = (await (await fetch(`${supabase.url}/health`)).json()) as Record<string, unknown>;
    expect(health).toMatchObject({ status: 'ok', service: 'supabase', instance: supabase.instance });
    expect(await (await fetch(`${supabase.url}/metrics`)).text()).toContain(
      'mindbot_supabase_request_duration',
    );
    const cors = await fetch(`${supabase.url}/rest/v1/price`, { headers: { origin: 'https://example.com' } });
    expect(cors.headers.get('access-control-allow-origin')).toBeNull();
  });
});

it('cuts off a statement that takes too long', { timeout: 20_000 }, async () => {
  expect(await anon.rpc('slow')).toMatchObject({ status: 500, error: { code: '57014' } });
});
