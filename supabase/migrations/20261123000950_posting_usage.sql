-- Applying usage rows that were read and checked: talks, ticks, ends of leases. What makes no sense is parked.

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
