-- The usage log of the kiosks arrives here. Promise: each row counts once, in order; what contradicts rows already
-- known is refused as a fork, what makes no sense is parked and the stream goes on. One transaction a batch.

create table public.voice_sessions (
  id uuid primary key,
  user_id uuid not null references public.users (id),
  kiosk_id uuid not null references public.kiosks (id),
  visit_id uuid,
  seconds integer not null default 0 check (seconds >= 0),
  started_at timestamptz not null,
  ended_at timestamptz,
  end_reason text check (char_length(end_reason) <= 100),
  received_at timestamptz not null default now()
);
comment on table public.voice_sessions is 'Talks, as reported by kiosks; seconds are those charged.';
comment on column public.voice_sessions.started_at is
  'Wall clock of the kiosk: for people, never for counting.';
create index voice_sessions_user_id_started_at_idx on public.voice_sessions (user_id, started_at desc);
create index voice_sessions_kiosk_id_idx on public.voice_sessions (kiosk_id);
create index voice_sessions_started_at_idx on public.voice_sessions (started_at desc);

create table public.kiosk_streams (
  kiosk_id uuid not null references public.kiosks (id),
  epoch uuid not null,
  last_seq bigint not null default 0 check (last_seq >= 0),
  chain_hash text not null default repeat('0', 64) check (chain_hash ~ '^[0-9a-f]{64}$'),
  -- Last time that rows came which contradict the ones known: a restored or swapped disk.
  forked_at timestamptz,
  fork_count integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (kiosk_id, epoch)
);
comment on table public.kiosk_streams is 'How far the usage log of each kiosk store has arrived.';

create table public.usage_batches (
  kiosk_id uuid not null,
  epoch uuid not null,
  from_seq bigint not null,
  to_seq bigint not null,
  -- SHA-256 of each row, 32 bytes each, in order: tells a resend from a fork.
  hashes bytea not null,
  received_at timestamptz not null default now(),
  primary key (kiosk_id, epoch, to_seq),
  foreign key (kiosk_id, epoch) references public.kiosk_streams (kiosk_id, epoch),
  check (from_seq <= to_seq),
  check (octet_length(hashes) = 32 * (to_seq - from_seq + 1))
);
-- Not compressible, and read in slices.
alter table public.usage_batches alter column hashes set storage external;
comment on table public.usage_batches is 'Hashes of the usage rows received, kept for 30 days.';
create index usage_batches_received_at_idx on public.usage_batches (received_at);

create table public.usage_parked (
  kiosk_id uuid not null,
  epoch uuid not null,
  seq bigint not null,
  reason text not null,
  -- Seconds used that nobody is charged for: the operator's write-off.
  seconds integer not null default 0 check (seconds >= 0),
  row_data jsonb not null,
  created_at timestamptz not null default now(),
  reviewed_at timestamptz,
  primary key (kiosk_id, epoch, seq),
  foreign key (kiosk_id, epoch) references public.kiosk_streams (kiosk_id, epoch)
);
comment on table public.usage_parked is
  'Reported rows that make no sense, kept for a person to look at, never dropped.';
create index usage_parked_unreviewed_idx on public.usage_parked (created_at) where reviewed_at is null;

-- Reading rows.

create type app.usage_row as (
  seq bigint, kind text, talk_id uuid, lease_id uuid, user_id uuid, visit_id uuid, seconds integer, note text,
  at_ms bigint, prev_hash text, hash text, is_genuine boolean, malformed boolean, raw jsonb
);
comment on type app.usage_row is
  'A reported row: seq is null when it is no number, is_genuine says that the hash is right, malformed that it can''t be read.';

create function app.parse_usage(p_rows jsonb) returns app.usage_row[]
language sql stable
set search_path = ''
as $$
  -- Materialized: folded into one query each expression would be worked out once per use (10 times slower).
  with fields as materialized (
    select e.ordinality, e.value as raw,
      e.value ->> 'seq' as seq, e.value ->> 'kind' as kind, e.value ->> 'talkId' as talk_id,
      e.value ->> 'leaseId' as lease_id, e.value ->> 'userId' as user_id, e.value ->> 'visitId' as visit_id,
      e.value ->> 'seconds' as seconds, e.value ->> 'note' as note, e.value ->> 'atMs' as at_ms,
      e.value ->> 'prevHash' as prev_hash, e.value ->> 'hash' as hash
    from pg_catalog.jsonb_array_elements(p_rows) with ordinality as e
  ), joined as materialized (
    -- The four ids in one text; absent ones are taken as the talk's, which must be there.
    select f.*, pg_catalog.concat(f.talk_id, coalesce(f.lease_id, f.talk_id), coalesce(f.user_id, f.talk_id),
      coalesce(f.visit_id, f.talk_id)) as uuids
    from fields as f
  ), checked as materialized (
    select f.*,
      -- Exactly usageRowText of src-shared/database.ts; concat() takes absent fields as empty.
      f.hash is not distinct from pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.concat(
        f.prev_hash, '|', f.seq, '|', f.kind, '|', f.talk_id, '|', f.lease_id, '|', f.user_id, '|', f.visit_id, '|',
        f.seconds, '|', f.note, '|', f.at_ms), 'UTF8')), 'hex') as is_genuine,
      -- No regular expressions: Postgres builds their automaton anew for each text, 0.2 ms a row for four UUIDs.
      not coalesce(
        f.kind in ('talk_started', 'tick', 'lease_closed', 'talk_ended')
        and (f.kind = 'tick' or f.seconds = '0') and char_length(f.note) <= 100
        and char_length(f.seconds) between 1 and 6 and char_length(f.at_ms) between 1 and 15
        and translate(f.seconds || f.at_ms, '0123456789', '') = ''
        and f.uuids like repeat('________-____-____-____-____________', 4)
        and translate(f.uuids, '0123456789abcdefABCDEF', '') = repeat('-', 16), false) as malformed
    from joined as f
  )
  select pg_catalog.array_agg(row(
    case when char_length(c.seq) between 1 and 15 and translate(c.seq, '0123456789', '') = '' then c.seq::bigint end, c.kind,
    case when not c.malformed then c.talk_id::uuid end, case when not c.malformed then c.lease_id::uuid end,
    case when not c.malformed then c.user_id::uuid end, case when not c.malformed then c.visit_id::uuid end,
    case when not c.malformed then c.seconds::integer else 0 end, c.note,
    case when not c.malformed then c.at_ms::bigint end, c.prev_hash, c.hash, c.is_genuine, c.malformed, c.raw
  )::app.usage_row order by c.ordinality)
  from checked as c
$$;
comment on function app.parse_usage(jsonb) is 'Usage rows in the order given; null for an empty list.';

create function app.find_fork(p_stream public.kiosk_streams, p_rows app.usage_row[]) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  r app.usage_row;
  v_before app.usage_row;
  v_reason text;
  v_known bigint;
begin
  -- Each row follows the one before it, and is what its hash says.
  foreach r in array p_rows loop
    v_reason := case
      when r.seq is null or r.seq <> v_before.seq + 1 then 'sequence'
      when not r.is_genuine then 'hash'
      when r.prev_hash <> v_before.hash then 'chain'
      when r.seq = p_stream.last_seq + 1 and r.prev_hash is distinct from p_stream.chain_hash then 'chain'
    end;
    exit when v_reason is not null;
    v_before := r;
  end loop;
  -- Rows seen before must be the very same: a restored disk writes other ones under the same numbers.
  if v_reason is null and p_rows[1].seq <= p_stream.last_seq then
    select k.seq, 'known_otherwise' into v_known, v_reason
    from pg_catalog.unnest(p_rows) as k
    left join public.usage_batches as b
      on b.kiosk_id = p_stream.kiosk_id and b.epoch = p_stream.epoch and k.seq between b.from_seq and b.to_seq
    where k.seq <= p_stream.last_seq
      and pg_catalog.substring(b.hashes, (32 * (k.seq - b.from_seq) + 1)::integer, 32)
        is distinct from pg_catalog.decode(k.hash, 'hex')
    order by k.seq limit 1;
  end if;
  if v_reason is null then
    return null;
  end if;
  return pg_catalog.jsonb_build_object(
    'seq', coalesce(v_known, r.seq), 'reason', v_reason, 'lastSeq', p_stream.last_seq);
end
$$;
comment on function app.find_fork(public.kiosk_streams, app.usage_row[]) is
  'The first row that contradicts the stream; null when none does.';

create function app.refuse_fork(p_stream public.kiosk_streams, p_fork jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  update public.kiosk_streams as s
  set forked_at = pg_catalog.clock_timestamp(), fork_count = s.fork_count + 1
  where s.kiosk_id = p_stream.kiosk_id and s.epoch = p_stream.epoch;
  -- A station that keeps trying must not flood the log.
  if coalesce(p_stream.forked_at, '-infinity') < pg_catalog.clock_timestamp() - interval '1 hour' then
    perform app.audit('stream_forked', p_stream.kiosk_id::text, p_fork || pg_catalog.jsonb_build_object('epoch', p_stream.epoch));
  end if;
  return app.refuse('stream_forked', p_fork);
end
$$;

create function app.open_stream(p_kiosk_id uuid, p_epoch uuid) returns public.kiosk_streams
language plpgsql
set search_path = ''
as $$
declare
  v_stream public.kiosk_streams;
begin
  insert into public.kiosk_streams (kiosk_id, epoch) values (p_kiosk_id, p_epoch) on conflict do nothing;
  if found and exists (select from public.kiosk_streams as s where s.kiosk_id = p_kiosk_id and s.epoch <> p_epoch) then
    perform app.audit('usage_stream_started', p_kiosk_id::text, pg_catalog.jsonb_build_object('epoch', p_epoch));
  end if;
  select s.* into strict v_stream from public.kiosk_streams as s
  where s.kiosk_id = p_kiosk_id and s.epoch = p_epoch for update;
  return v_stream;
end
$$;

-- Applying rows that were read and checked: talks, ticks, ends of leases.

create function app.park_usage(p_stream public.kiosk_streams, p_seq bigint, p_reason text, p_seconds integer, p_raw jsonb)
returns void
language sql
set search_path = ''
as $$
  insert into public.usage_parked (kiosk_id, epoch, seq, reason, seconds, row_data)
  values (p_stream.kiosk_id, p_stream.epoch, p_seq, p_reason, p_seconds, p_raw)
$$;

create function app.start_talk(
  p_kiosk_id uuid, p_talk_id uuid, p_lease_id uuid, p_user_id uuid, p_visit_id uuid, p_at_ms bigint
) returns text
language plpgsql
set search_path = ''
as $$
declare
  v_at timestamptz := pg_catalog.to_timestamp(p_at_ms / 1000.0);
begin
  if p_user_id is null or not exists (
    select from public.leases as l
    where l.kiosk_id = p_kiosk_id and l.user_id = p_user_id and (p_lease_id is null or l.id = p_lease_id)
  ) then
    return 'wallet_not_of_this_kiosk';
  end if;
  -- A kiosk clock that is far off would put the talk where nobody finds it.
  if v_at not between pg_catalog.now() - interval '400 days' and pg_catalog.now() + interval '1 day' then
    v_at := pg_catalog.now();
  end if;
  insert into public.voice_sessions (id, user_id, kiosk_id, visit_id, started_at)
  values (p_talk_id, p_user_id, p_kiosk_id, p_visit_id, v_at) on conflict (id) do nothing;
  return case when not found then 'talk_known' end;
end
$$;
comment on function app.start_talk(uuid, uuid, uuid, uuid, uuid, bigint) is
  'Makes the row of a talk; returns why not, or null.';

create function app.end_talk(p_kiosk_id uuid, p_talk_id uuid, p_note text, p_at_ms bigint) returns text
language plpgsql
set search_path = ''
as $$
declare
  v_at timestamptz := pg_catalog.to_timestamp(p_at_ms / 1000.0);
begin
  update public.voice_sessions as v
  set ended_at = greatest(v.started_at,
      case when v_at < pg_catalog.now() + interval '1 day' then v_at else pg_catalog.now() end),
    end_reason = p_note
  where v.id = p_talk_id and v.kiosk_id = p_kiosk_id and v.ended_at is null;
  return case when not found then 'talk_unknown' end;
end
$$;

create function app.check_lease_for_usage(p_lease public.leases, p_kiosk_id uuid, p_user_id uuid) returns text
language plpgsql immutable
set search_path = ''
as $$
begin
  return case
    when p_lease.id is null or p_lease.kiosk_id <> p_kiosk_id then 'lease_unknown'
    when p_user_id is not null and p_user_id <> p_lease.user_id then 'wallet_not_of_this_lease'
    when p_lease.status not in ('open', 'lapsed') then 'lease_' || p_lease.status
  end;
end
$$;

create function app.post_ticks(p_stream public.kiosk_streams, p_lease_id uuid, p_seconds integer, p_from bigint, p_to bigint)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if p_seconds > 0 then
    perform app.spend_held(p_lease_id, p_seconds,
      pg_catalog.concat('usage:', p_stream.kiosk_id, ':', p_stream.epoch, ':', p_from, '-', p_to));
  end if;
end
$$;

create function app.apply_usage(p_stream public.kiosk_streams, p_rows app.usage_row[]) returns integer
language plpgsql
set search_path = ''
as $$
declare
  r app.usage_row;
  v_lease public.leases;
  v_reason text;
  v_applied integer := 0;
  -- Ticks of one lease in a row, not posted yet: one ledger entry a card, not one a second.
  v_ticks integer := 0;
  v_from bigint;
  v_to bigint;
  -- The same for the seconds of a talk.
  v_talk_id uuid;
  v_talk_seconds integer := 0;
begin
  foreach r in array p_rows loop
    continue when r.seq <= p_stream.last_seq;
    v_reason := null;
    if v_ticks > 0 and (r.kind <> 'tick' or r.lease_id is distinct from v_lease.id) then
      perform app.post_ticks(p_stream, v_lease.id, v_ticks, v_from, v_to);
      v_ticks := 0;
    end if;
    if v_talk_seconds > 0 and r.talk_id is distinct from v_talk_id then
      update public.voice_sessions as v set seconds = v.seconds + v_talk_seconds
      where v.id = v_talk_id and v.kiosk_id = p_stream.kiosk_id;
      v_talk_seconds := 0;
    end if;
    if r.malformed then
      v_reason := 'malformed';
    elsif r.kind = 'talk_started' then
      v_reason := app.start_talk(p_stream.kiosk_id, r.talk_id, r.lease_id, r.user_id, r.visit_id, r.at_ms);
    elsif r.kind = 'talk_ended' then
      v_reason := app.end_talk(p_stream.kiosk_id, r.talk_id, r.note, r.at_ms);
    else
      if v_ticks = 0 then
        select l.* into v_lease from public.leases as l where l.id = r.lease_id;
      end if;
      v_reason := app.check_lease_for_usage(v_lease, p_stream.kiosk_id, r.user_id);
      if v_reason is null and r.kind = 'lease_closed' then
        perform app.release_held(v_lease.id, 'close:' || v_lease.id, 'closed');
      elsif v_reason is null and v_lease.spent_seconds + v_ticks + r.seconds > v_lease.granted_seconds then
        v_reason := 'more_than_reserved';
      elsif v_reason is null and r.seconds > 0 then
        if v_ticks = 0 then
          v_from := r.seq;
        end if;
        v_to := r.seq;
        v_ticks := v_ticks + r.seconds;
        v_talk_id := r.talk_id;
        v_talk_seconds := v_talk_seconds + r.seconds;
      end if;
    end if;
    if v_reason is null then
      v_applied := v_applied + 1;
    else
      perform app.park_usage(p_stream, r.seq, v_reason, r.seconds, r.raw);
    end if;
  end loop;
  if v_ticks > 0 then
    perform app.post_ticks(p_stream, v_lease.id, v_ticks, v_from, v_to);
  end if;
  if v_talk_seconds > 0 then
    update public.voice_sessions as v set seconds = v.seconds + v_talk_seconds
    where v.id = v_talk_id and v.kiosk_id = p_stream.kiosk_id;
  end if;
  return v_applied;
end
$$;
comment on function app.apply_usage(public.kiosk_streams, app.usage_row[]) is
  'Applies the new rows of a checked batch; parks what makes no sense; returns how many were applied.';

create function public.post_usage(p_epoch uuid, p_rows jsonb) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_kiosk_id uuid := app.caller_kiosk_id();
  v_stream public.kiosk_streams;
  v_rows app.usage_row[];
  v_fork jsonb;
  v_applied integer := 0;
  v_first bigint;
  v_last bigint;
begin
  if p_epoch is null or pg_catalog.jsonb_typeof(p_rows) is distinct from 'array'
    or pg_catalog.jsonb_array_length(p_rows) > 2000 then
    raise exception using errcode = 'P0001', message = 'invalid_amount', hint = 'Send an epoch and up to 2000 rows.';
  end if;
  v_stream := app.open_stream(v_kiosk_id, p_epoch);
  v_rows := coalesce(app.parse_usage(p_rows), '{}');
  v_fork := app.find_fork(v_stream, v_rows);
  if v_fork is not null then
    return app.refuse_fork(v_stream, v_fork);
  end if;
  v_first := v_rows[1].seq;
  v_last := v_rows[pg_catalog.cardinality(v_rows)].seq;
  -- Rows that begin later than we are (this database was restored from a backup) wait: the answer says where it stands.
  if v_last > v_stream.last_seq and v_first <= v_stream.last_seq + 1 then
    -- Wallets in the order of their ids, like everybody who locks more than one.
    perform from public.users as u
    where u.id in (
      select l.user_id from public.leases as l
      where l.kiosk_id = v_kiosk_id and l.id in (select r.lease_id from pg_catalog.unnest(v_rows) as r))
    order by u.id for no key update;
    v_applied := app.apply_usage(v_stream, v_rows);
    insert into public.usage_batches (kiosk_id, epoch, from_seq, to_seq, hashes)
    select v_kiosk_id, p_epoch, min(r.seq), max(r.seq),
      pg_catalog.decode(pg_catalog.string_agg(r.hash, '' order by r.seq), 'hex')
    from pg_catalog.unnest(v_rows) as r where r.seq > v_stream.last_seq;
    update public.kiosk_streams as s
    set last_seq = v_last, updated_at = pg_catalog.clock_timestamp(),
      chain_hash = v_rows[pg_catalog.cardinality(v_rows)].hash
    where s.kiosk_id = v_kiosk_id and s.epoch = p_epoch
    returning s.* into v_stream;
  end if;
  return pg_catalog.jsonb_build_object(
    'lastSeq', v_stream.last_seq, 'lastHash', v_stream.chain_hash, 'applied', v_applied,
    'parked', coalesce((
      select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('seq', k.seq, 'reason', k.reason) order by k.seq)
      from public.usage_parked as k
      where k.kiosk_id = v_kiosk_id and k.epoch = p_epoch and k.seq between v_first and v_last), '[]'));
end
$$;
comment on function public.post_usage(uuid, jsonb) is
  'Takes rows of a kiosk''s usage log, exactly once by (kiosk, epoch, seq); an empty list asks where the log stands.';

create function public.review_parked_usage(p_kiosk_id uuid, p_note text) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_facts jsonb;
begin
  perform app.require_staff();
  with reviewed as (
    update public.usage_parked as k set reviewed_at = pg_catalog.clock_timestamp()
    where k.kiosk_id = p_kiosk_id and k.reviewed_at is null returning k.seconds
  )
  select pg_catalog.jsonb_build_object('kioskId', p_kiosk_id, 'rows', count(*), 'seconds', coalesce(sum(r.seconds), 0))
  into v_facts from reviewed as r;
  if (v_facts ->> 'rows')::integer > 0 then
    perform app.audit('parked_usage_reviewed', p_kiosk_id::text, v_facts || pg_catalog.jsonb_build_object('note', p_note));
  end if;
  return v_facts;
end
$$;
comment on function public.review_parked_usage(uuid, text) is
  'Staff has looked at the parked rows of a kiosk. They stay, and stay written off.';

-- No policy on batches: nobody but the relay reads them.
alter table public.voice_sessions enable row level security;
alter table public.kiosk_streams enable row level security;
alter table public.usage_batches enable row level security;
alter table public.usage_parked enable row level security;
revoke all on table public.voice_sessions, public.kiosk_streams, public.usage_batches, public.usage_parked from
  public, anon, authenticated, service_role;
grant select on table public.voice_sessions, public.kiosk_streams, public.usage_batches, public.usage_parked to
  service_role;
grant select on public.voice_sessions, public.kiosk_streams, public.usage_parked to authenticated;
create policy "Customers see their own talks, staff every one" on public.voice_sessions
  for select to authenticated
  using (user_id = (select app.caller_user_id()) or (select app.caller_kind()) = 'staff');
create policy "Staff sees how far usage has arrived" on public.kiosk_streams
  for select to authenticated using ((select app.caller_kind()) = 'staff');
create policy "Staff sees parked usage" on public.usage_parked
  for select to authenticated using ((select app.caller_kind()) = 'staff');

revoke all on function app.parse_usage, app.find_fork, app.refuse_fork, app.open_stream, app.park_usage,
  app.start_talk, app.end_talk, app.check_lease_for_usage, app.post_ticks, app.apply_usage, public.post_usage,
  public.review_parked_usage from public, anon, authenticated, service_role;
grant execute on function public.post_usage to authenticated;
grant execute on function public.review_parked_usage to authenticated, service_role;
