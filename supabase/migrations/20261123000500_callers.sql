-- Who is calling: decided here once. Kinds come from app_metadata of the JWT, which only the service side can write.
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

create function app.caller_user_id() returns uuid
language sql stable security definer
set search_path = ''
as $$
  -- A function of security definer, because it is used in the policy of the very table it reads.
  select u.id from public.users as u where u.auth_user_id = auth.uid() and app.caller_kind() = 'customer'
$$;
comment on function app.caller_user_id() is
  'Wallet of the calling customer account; null for everybody else.';

create function app.caller_kiosk_id() returns uuid
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_kiosk public.kiosks;
begin
  if app.caller_kind() <> 'kiosk' then
    raise exception using errcode = '42501', message = 'forbidden',
      detail = 'Only a kiosk''s device account may do this.';
  end if;
  select k.* into v_kiosk from public.kiosks as k
  where k.id::text = auth.jwt() -> 'app_metadata' ->> 'kiosk_id' and k.auth_user_id = auth.uid();
  if v_kiosk.id is null or v_kiosk.revoked_at is not null then
    raise exception using errcode = 'P0001', message = 'kiosk_revoked',
      hint = 'Enrol the kiosk again or give it a new device account.';
  end if;
  return v_kiosk.id;
end
$$;
comment on function app.caller_kiosk_id() is
  'The calling kiosk. Raises forbidden for others, kiosk_revoked for a revoked or unknown one.';

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

create function app.audit(p_action text, p_subject text, p_details jsonb default '{}') returns void
language sql
set search_path = ''
as $$
  insert into public.audit_log (actor_kind, actor_id, action, subject, details)
  values (app.caller_kind(), auth.uid(), p_action, p_subject, p_details)
$$;

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

create function app.iso(p_at timestamptz) returns text
language plpgsql immutable
set search_path = ''
as $$
begin
  return pg_catalog.to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
end
$$;
comment on function app.iso(timestamptz) is 'ISO 8601 in UTC with milliseconds, as JavaScript writes it.';

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

-- Prices are what people ask about later: every change is kept with who made it.
create function app.note_tier_change() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
  perform app.audit('package_' || lower(tg_op), new.id, pg_catalog.jsonb_build_object(
    'before', case when tg_op = 'UPDATE' then pg_catalog.to_jsonb(old) end, 'after', pg_catalog.to_jsonb(new)));
  return null;
end
$$;

-- After the row: a seed run again inserts nothing, so it notes nothing.
create trigger note_tier_change after insert or update on public.pricing_tiers
  for each row execute function app.note_tier_change();

create function app.touch_updated_at() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.updated_at := pg_catalog.now();
  return new;
end
$$;

create trigger touch_pricing_tiers before update on public.pricing_tiers
  for each row execute function app.touch_updated_at();
