-- Kiosks, how a box becomes one, and visits: which kiosk may act for which wallet.

create table public.kiosks (
  id uuid primary key,
  auth_user_id uuid unique references auth.users (id) on delete set null,
  name text not null check (char_length(name) between 1 and 100),
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.kiosks is 'Kiosks and their device accounts. A revoked one may do nothing any more.';

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

create function app.require_kiosk(p_kiosk_id uuid) returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if not exists (select from public.kiosks as k where k.id = p_kiosk_id and k.revoked_at is null) then
    raise exception using errcode = 'P0001', message = 'kiosk_revoked';
  end if;
end
$$;

create function public.enrol_kiosk(p_kiosk_id uuid, p_auth_user_id uuid, p_name text) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_kiosk public.kiosks;
begin
  perform app.require_service();
  insert into public.kiosks as k (id, auth_user_id, name) values (p_kiosk_id, p_auth_user_id, p_name)
  on conflict (id) do update
    set auth_user_id = excluded.auth_user_id, name = excluded.name, updated_at = pg_catalog.now()
    where k.revoked_at is null
  returning k.* into v_kiosk;
  if v_kiosk.id is null then
    raise exception using errcode = 'P0001', message = 'kiosk_revoked', hint = 'Enrol it under a new id.';
  end if;
  if v_kiosk.created_at = pg_catalog.now() then
    perform app.audit('kiosk_enrolled', p_kiosk_id::text, pg_catalog.jsonb_build_object('name', p_name));
  end if;
  return pg_catalog.jsonb_build_object('kioskId', v_kiosk.id, 'name', v_kiosk.name, 'authUserId', v_kiosk.auth_user_id);
end
$$;
comment on function public.enrol_kiosk(uuid, uuid, text) is
  'Makes or renames a kiosk and gives it its device account.';

create function public.revoke_kiosk(p_kiosk_id uuid, p_reason text) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
begin
  perform app.require_staff();
  update public.kiosks as k set revoked_at = pg_catalog.now(), updated_at = pg_catalog.now()
  where k.id = p_kiosk_id and k.revoked_at is null;
  if found then
    perform app.audit('kiosk_revoked', p_kiosk_id::text, pg_catalog.jsonb_build_object('reason', p_reason));
  end if;
  return pg_catalog.jsonb_build_object('kioskId', p_kiosk_id,
    'revoked', exists (select from public.kiosks as k where k.id = p_kiosk_id and k.revoked_at is not null));
end
$$;
comment on function public.revoke_kiosk(uuid, text) is
  'Ends what a kiosk may do, at once. Its leases stay held until voided or settled.';

-- Enrolment: staff makes a one-time code, the box exchanges it once for a device account of its own. Only the hash of a
-- code is kept. A code may name the kiosk that it replaces, which is then revoked.

create table public.kiosk_enrolments (
  id uuid primary key default gen_random_uuid(),
  -- SHA-256 of the canonical code, lower-case hex. 60 random bits, an hour of life and counted tries: no salt needed.
  code_hash text not null unique,
  name text not null check (char_length(name) between 1 and 100),
  replaces_kiosk_id uuid references public.kiosks (id),
  -- The account of the member of staff who made it; null when it was made in the database itself.
  created_by uuid,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  kiosk_id uuid references public.kiosks (id),
  check ((used_at is null) = (kiosk_id is null))
);
comment on table public.kiosk_enrolments is 'One-time codes for new kiosks, and which kiosk each became.';
create index kiosk_enrolments_replaces_kiosk_id_idx on public.kiosk_enrolments (replaces_kiosk_id);
create index kiosk_enrolments_kiosk_id_idx on public.kiosk_enrolments (kiosk_id);

create table public.enrolment_attempts (
  id bigint generated always as identity primary key,
  -- Hash of the network address.
  source text not null,
  at timestamptz not null default clock_timestamp()
);
comment on table public.enrolment_attempts is 'Wrong enrolment codes, for the limits; the codes are not kept.';
create index enrolment_attempts_at_idx on public.enrolment_attempts (at);

create function public.create_kiosk_enrolment(
  p_name text, p_replaces uuid default null, p_valid_minutes integer default 60
) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_name text := nullif(trim(p_name), '');
  v_bytes bytea;
  v_code text;
  v_enrolment public.kiosk_enrolments;
begin
  perform app.require_staff();
  if p_replaces is not null then
    select coalesce(v_name, k.name) into v_name from public.kiosks as k where k.id = p_replaces;
    if not found then
      raise exception using errcode = 'P0001', message = 'kiosk_unknown', hint = 'There is no kiosk of this id to replace.';
    end if;
  end if;
  if v_name is null or char_length(v_name) > 100 or p_valid_minutes is null or p_valid_minutes not between 1 and 10080 then
    raise exception using errcode = 'P0001', message = 'invalid_request',
      hint = 'A kiosk needs a name of at most 100 letters; a code lives one minute to one week.';
  end if;
  v_bytes := pg_catalog.sha256(pg_catalog.convert_to(
    pg_catalog.gen_random_uuid()::text || pg_catalog.gen_random_uuid()::text, 'UTF8'));
  select pg_catalog.string_agg(
    substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', pg_catalog.get_byte(v_bytes, i) % 32 + 1, 1), '' order by i)
  into v_code from pg_catalog.generate_series(0, 11) as i;
  insert into public.kiosk_enrolments (code_hash, name, replaces_kiosk_id, created_by, expires_at)
  values (pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(v_code, 'UTF8')), 'hex'), v_name, p_replaces,
    auth.uid(), pg_catalog.now() + p_valid_minutes * interval '1 minute')
  returning * into v_enrolment;
  perform app.audit('kiosk_enrolment_created', v_enrolment.id::text,
    pg_catalog.jsonb_build_object('name', v_name, 'replaces', p_replaces));
  return pg_catalog.jsonb_build_object('enrolmentId', v_enrolment.id, 'name', v_name, 'replaces', p_replaces,
    'expiresAt', app.iso(v_enrolment.expires_at),
    'code', substr(v_code, 1, 4) || '-' || substr(v_code, 5, 4) || '-' || substr(v_code, 9, 4));
end
$$;
comment on function public.create_kiosk_enrolment(text, uuid, integer) is
  'Makes a one-time code for a new kiosk, told this once. With p_replaces the new kiosk takes that one''s place.';

create function app.is_open(p_enrolment public.kiosk_enrolments) returns boolean
language sql stable
set search_path = ''
as $$
  select p_enrolment.id is not null and p_enrolment.used_at is null
    and p_enrolment.expires_at > pg_catalog.clock_timestamp()
$$;

create function public.check_kiosk_enrolment(p_code_hash text, p_source text) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_since timestamptz;
  v_enrolment public.kiosk_enrolments;
begin
  perform app.require_service();
  -- One at a time, so that the limits are exact: nobody gets extra tries by asking at once.
  perform pg_catalog.pg_advisory_xact_lock(722100402);
  v_since := pg_catalog.clock_timestamp() - interval '10 minutes';
  delete from public.enrolment_attempts as a where a.at < v_since;
  if (select count(*) >= 10 from public.enrolment_attempts as a where a.source = p_source)
    or (select count(*) >= 100 from public.enrolment_attempts)
  then
    return '{"ok":false,"error":"too_many_tries"}'::jsonb;
  end if;
  select e.* into v_enrolment from public.kiosk_enrolments as e where e.code_hash = p_code_hash;
  if app.is_open(v_enrolment) then
    return '{"ok":true}'::jsonb;
  end if;
  insert into public.enrolment_attempts (source) values (p_source);
  return '{"ok":false,"error":"code_not_accepted"}'::jsonb;
end
$$;
comment on function public.check_kiosk_enrolment(text, text) is
  'Whether a code may still be exchanged; counts the wrong ones. One answer for every code worth nothing.';

create function public.finish_kiosk_enrolment(p_code_hash text, p_kiosk_id uuid, p_auth_user_id uuid) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_enrolment public.kiosk_enrolments;
begin
  perform app.require_service();
  -- Of two who exchange one code at once, the second finds it used.
  select e.* into v_enrolment from public.kiosk_enrolments as e where e.code_hash = p_code_hash for update;
  if not app.is_open(v_enrolment) then
    return '{"ok":false,"error":"code_not_accepted"}'::jsonb;
  end if;
  perform public.enrol_kiosk(p_kiosk_id, p_auth_user_id, v_enrolment.name);
  update public.kiosk_enrolments as e set used_at = pg_catalog.clock_timestamp(), kiosk_id = p_kiosk_id
  where e.id = v_enrolment.id;
  if v_enrolment.replaces_kiosk_id is not null then
    perform public.revoke_kiosk(v_enrolment.replaces_kiosk_id, 'replaced by ' || p_kiosk_id);
  end if;
  return pg_catalog.jsonb_build_object('ok', true, 'kioskId', p_kiosk_id, 'name', v_enrolment.name);
end
$$;
comment on function public.finish_kiosk_enrolment(text, uuid, uuid) is
  'Uses up a code for this kiosk and its device account, and revokes the kiosk that it replaces.';

-- Visits.

create table public.visit_grants (
  user_id uuid not null references public.users (id),
  kiosk_id uuid not null references public.kiosks (id),
  visit_id uuid not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  primary key (user_id, kiosk_id, visit_id)
);
comment on table public.visit_grants is
  'Which kiosk may act for which wallet, for one visit; written by a redemption, never by the kiosk itself.';
create index visit_grants_kiosk_id_idx on public.visit_grants (kiosk_id);

create function app.has_grant(p_user_id uuid, p_kiosk_id uuid, p_visit_id uuid default null) returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  return exists (
    select from public.visit_grants as g
    where g.user_id = p_user_id and g.kiosk_id = p_kiosk_id and (p_visit_id is null or g.visit_id = p_visit_id)
      and g.expires_at > pg_catalog.clock_timestamp());
end
$$;

create function app.raise_no_grant() returns void
language plpgsql
set search_path = ''
as $$
begin
  raise exception using errcode = 'P0001', message = 'no_visit_grant',
    hint = 'The customer opens the wallet at this kiosk with the code of a card.';
end
$$;

create function app.grant_visit(p_user_id uuid, p_kiosk_id uuid, p_visit_id uuid) returns void
language sql
set search_path = ''
as $$
  insert into public.visit_grants as g (user_id, kiosk_id, visit_id, expires_at)
  values (p_user_id, p_kiosk_id, p_visit_id, pg_catalog.clock_timestamp() + interval '12 hours')
  on conflict (user_id, kiosk_id, visit_id) do update set expires_at = excluded.expires_at
$$;

create function public.open_own_wallet(p_kiosk_id uuid, p_visit_id uuid) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_user_id uuid := app.caller_user_id();
begin
  if v_user_id is null then
    raise exception using errcode = '42501', message = 'forbidden';
  end if;
  perform app.require_kiosk(p_kiosk_id);
  if p_visit_id is null then
    raise exception using errcode = 'P0001', message = 'invalid_request';
  end if;
  perform app.grant_visit(v_user_id, p_kiosk_id, p_visit_id);
  return pg_catalog.jsonb_build_object('userId', v_user_id);
end
$$;
comment on function public.open_own_wallet(uuid, uuid) is
  'A signed-in customer opens the own wallet at a kiosk for one visit.';

-- No policy on enrolments, attempts and grants: nobody but the relay reads them.
alter table public.kiosks enable row level security;
alter table public.kiosk_enrolments enable row level security;
alter table public.enrolment_attempts enable row level security;
alter table public.visit_grants enable row level security;
revoke all on table public.kiosks, public.kiosk_enrolments, public.enrolment_attempts, public.visit_grants from
  public, anon, authenticated, service_role;
grant select on table public.kiosks, public.kiosk_enrolments, public.enrolment_attempts, public.visit_grants to
  service_role;
grant select on public.kiosks to authenticated;
create policy "Staff sees kiosks" on public.kiosks
  for select to authenticated using ((select app.caller_kind()) = 'staff');

revoke all on function app.caller_kiosk_id, app.require_kiosk, public.enrol_kiosk, public.revoke_kiosk,
  public.create_kiosk_enrolment, app.is_open, public.check_kiosk_enrolment, public.finish_kiosk_enrolment,
  app.has_grant, app.raise_no_grant, app.grant_visit, public.open_own_wallet from public, anon, authenticated,
  service_role;
grant execute on function public.open_own_wallet to authenticated;
grant execute on function public.create_kiosk_enrolment, public.revoke_kiosk to authenticated, service_role;
grant execute on function public.enrol_kiosk, public.check_kiosk_enrolment, public.finish_kiosk_enrolment
  to service_role;
