-- Who is calling, what was done by whom, and wallets: everything else stands on these. Money is whole cents and time is
-- whole seconds, everywhere. Helpers live in the schema app, which the API never exposes.
--
-- Nothing is granted by default: neither to PUBLIC nor by the defaults that some Supabase projects set for new tables
-- and functions. So each file ends by taking every right to what it made, and giving those that are meant.
--
-- An argument of a function that may be null says so by `default null`: the types of the callers are made from it.

create schema app;
comment on schema app is 'Helpers of the product; not exposed by the API.';
revoke all on schema app from public;
grant usage on schema app to anon, authenticated, service_role;

create function app.iso(p_at timestamptz) returns text
language plpgsql immutable
set search_path = ''
as $$
begin
  return pg_catalog.to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
end
$$;
comment on function app.iso(timestamptz) is 'ISO 8601 in UTC with milliseconds, as JavaScript writes it.';

create function app.refuse(p_message text, p_details jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  -- An exception would undo the record of what happened. PostgREST takes the status from this setting and commits;
  -- the body has the shape of its errors, so callers see an error like any other.
  perform pg_catalog.set_config('response.status', '400', true);
  return pg_catalog.jsonb_build_object('code', 'P0001', 'message', p_message, 'details', p_details::text, 'hint', null);
end
$$;
comment on function app.refuse(text, jsonb) is
  'Refuses like an exception of SQLSTATE P0001, but keeps what was written.';

create function app.refuse_change() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  raise exception using errcode = 'P0001', message = 'append_only',
    detail = format('Rows of %I are never changed or removed; write a new one.', tg_table_name);
end
$$;

create function app.touch_updated_at() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.updated_at := pg_catalog.now();
  return new;
end
$$;

-- Callers. Their kind comes from app_metadata of the JWT, which only the service side can write.
-- Small functions that every call uses are written in plpgsql, which keeps its plan for the connection: one in sql with
-- a search_path of its own is never inlined and is planned anew at each call (40 to 120 µs each; measured).

create function app.is_service() returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  -- The role switched to by the API counts; without an API (migration, cron, psql) the logged-in role does.
  return case pg_catalog.current_setting('role')
    when 'service_role' then true
    when 'postgres' then true
    when 'none' then session_user <> 'authenticator'
    else false
  end;
end
$$;
comment on function app.is_service() is
  'True for the relay (service_role) and for direct administration of the database.';

create function app.caller_kind() returns text
language plpgsql stable
set search_path = ''
as $$
begin
  return case
    when app.is_service() then 'service'
    when pg_catalog.current_setting('role') <> 'authenticated' or auth.uid() is null then 'anon'
    when auth.jwt() -> 'app_metadata' ->> 'kind' in ('kiosk', 'staff') then auth.jwt() -> 'app_metadata' ->> 'kind'
    else 'customer'
  end;
end
$$;
comment on function app.caller_kind() is 'service, staff, kiosk, customer or anon.';

create function app.require_service() returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if not app.is_service() then
    raise exception using errcode = '42501', message = 'forbidden';
  end if;
end
$$;

create function app.require_staff() returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if app.caller_kind() not in ('staff', 'service') then
    raise exception using errcode = '42501', message = 'forbidden';
  end if;
end
$$;

-- The audit log.

create table public.audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  actor_kind text not null,
  actor_id uuid,
  action text not null,
  subject text,
  details jsonb not null default '{}'
);
comment on table public.audit_log is
  'Append-only: what operators and the system did that somebody may ask about.';
create index audit_log_at_idx on public.audit_log (at desc);
create index audit_log_action_at_idx on public.audit_log (action, at desc);

create trigger audit_log_is_append_only before update or delete on public.audit_log
  for each row execute function app.refuse_change();
create trigger audit_log_is_not_truncated before truncate on public.audit_log
  for each statement execute function app.refuse_change();

create function app.audit(p_action text, p_subject text, p_details jsonb default '{}') returns void
language sql
set search_path = ''
as $$
  insert into public.audit_log (actor_kind, actor_id, action, subject, details)
  values (app.caller_kind(), auth.uid(), p_action, p_subject, p_details)
$$;

-- Wallets.

create table public.users (
  id uuid primary key default gen_random_uuid(),
  auth_user_id uuid unique references auth.users (id) on delete set null,
  display_name text check (char_length(display_name) <= 100),
  locale text check (locale ~ '^[a-z]{2}(-[A-Z]{2})?$'),
  -- Set by a merge: whoever still holds this id is led to the other wallet.
  merged_into uuid references public.users (id),
  created_at timestamptz not null default now(),
  check (merged_into <> id)
);
comment on table public.users is
  'Wallets. A walk-up''s wallet has no account: the code of its card is its key.';
comment on column public.users.auth_user_id is 'The account this wallet belongs to, when it belongs to one.';
create index users_merged_into_idx on public.users (merged_into);

create function app.current_wallet(p_user_id uuid) returns uuid
language plpgsql stable
set search_path = ''
as $$
begin
  -- One step is enough: a merge also turns the wallets that were merged before.
  return (select coalesce(u.merged_into, u.id) from public.users as u where u.id = p_user_id);
end
$$;
comment on function app.current_wallet(uuid) is
  'The wallet itself, or the one it was merged into; null when there is none.';

create function app.lock_wallet(p_user_id uuid) returns boolean
language plpgsql
set search_path = ''
as $$
begin
  -- A statement of its own: what is read afterwards is read after the wait. "No key" lets rows that only
  -- reference the wallet be written meanwhile.
  perform from public.users as u where u.id = p_user_id for no key update;
  return found;
end
$$;
comment on function app.lock_wallet(uuid) is
  'Locks one wallet to the end of the transaction; false when there is none.';

create function app.lock_current_wallet(p_user_id uuid) returns uuid
language plpgsql
set search_path = ''
as $$
declare
  v_wallet_id uuid := p_user_id;
  v_merged_into uuid;
begin
  loop
    select u.id, u.merged_into into v_wallet_id, v_merged_into
    from public.users as u
    where u.id = (select coalesce(w.merged_into, w.id) from public.users as w where w.id = v_wallet_id)
    for no key update;
    -- Merged while we waited: what it held is in the other one now.
    exit when v_merged_into is null;
  end loop;
  return v_wallet_id;
end
$$;
comment on function app.lock_current_wallet(uuid) is
  'Locks the wallet itself, or the one it was merged into, and tells which; null when there is none.';

create function app.caller_user_id() returns uuid
language sql stable security definer
set search_path = ''
as $$
  -- A function of security definer, because it is used in the policy of the very table it reads.
  select u.id from public.users as u where u.auth_user_id = auth.uid() and app.caller_kind() = 'customer'
$$;
comment on function app.caller_user_id() is
  'Wallet of the calling customer account; null for everybody else.';

-- An account made by Supabase Auth gets a wallet, unless it is a kiosk or staff.
create function app.handle_new_user() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
  if coalesce(new.raw_app_meta_data ->> 'kind', 'customer') not in ('kiosk', 'staff') then
    insert into public.users (id, auth_user_id) values (new.id, new.id) on conflict do nothing;
  end if;
  return new;
end
$$;

-- Some versions of Auth write app_metadata after the account: an empty wallet made too early goes away again.
create function app.handle_user_kind() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
  if new.raw_app_meta_data ->> 'kind' in ('kiosk', 'staff') then
    delete from public.users as u where u.auth_user_id = new.id;
  else
    insert into public.users (id, auth_user_id) values (new.id, new.id) on conflict do nothing;
  end if;
  return new;
exception when foreign_key_violation then
  -- It has been used: it stays, and the account loses it.
  update public.users as u set auth_user_id = null where u.auth_user_id = new.id;
  return new;
end
$$;

create trigger handle_new_user after insert on auth.users
  for each row execute function app.handle_new_user();
create trigger handle_user_kind after update of raw_app_meta_data on auth.users
  for each row when (old.raw_app_meta_data ->> 'kind' is distinct from new.raw_app_meta_data ->> 'kind')
  execute function app.handle_user_kind();

alter table public.audit_log enable row level security;
alter table public.users enable row level security;
revoke all on table public.audit_log, public.users from public, anon, authenticated, service_role;
grant select on table public.audit_log, public.users to service_role;
grant select on public.users, public.audit_log to authenticated;
create policy "Customers see their own wallet, staff every one" on public.users
  for select to authenticated
  using (id = (select app.caller_user_id()) or (select app.caller_kind()) = 'staff');
create policy "Staff reads the audit log" on public.audit_log
  for select to authenticated using ((select app.caller_kind()) = 'staff');

revoke all on function app.iso, app.refuse, app.refuse_change, app.touch_updated_at, app.is_service,
  app.caller_kind, app.require_service, app.require_staff, app.audit, app.current_wallet, app.lock_wallet,
  app.lock_current_wallet,
  app.caller_user_id, app.handle_new_user, app.handle_user_kind from public, anon, authenticated, service_role;
-- Used by policies, so the readers of the tables must be able to ask.
grant execute on function app.is_service, app.caller_kind, app.caller_user_id to anon, authenticated, service_role;
