-- The usage log of the kiosks arrives here. Promise: each row counts once, in order; what contradicts rows already
-- known is refused as a fork, what makes no sense is parked and the stream goes on. One transaction a batch.

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
