-- The inbox of Stripe's webhooks, and how far Stripe's own list of events has been read, so that whoever sweeps next (a
-- relay, an Edge Function) goes on from there. Both lie together: a restored backup takes both back together.

create table public.webhook_inbox (
  event_id text primary key,
  type text not null,
  created timestamptz not null,
  livemode boolean not null,
  payload jsonb not null,
  received_at timestamptz not null default now(),
  processed_at timestamptz,
  attempts integer not null default 0,
  last_error text,
  next_attempt_at timestamptz not null default now()
);
comment on table public.webhook_inbox is
  'Stripe events, stored before they are answered, each worked off once.';
create index webhook_inbox_pending_idx on public.webhook_inbox (next_attempt_at) where processed_at is null;

create function public.store_webhook_events(p_events jsonb) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_answers jsonb;
begin
  perform app.require_service();
  with given as (
    select e.n, e.event ->> 'eventId' as event_id, e.event
    from pg_catalog.jsonb_array_elements(p_events) with ordinality as e (event, n)
  ), added as (
    -- In one order, so that two batches with the same events wait for each other instead of locking each other out.
    insert into public.webhook_inbox (event_id, type, created, livemode, payload)
    select distinct on (g.event_id) g.event_id, g.event ->> 'type', (g.event ->> 'created')::timestamptz,
      (g.event ->> 'livemode')::boolean, g.event -> 'payload'
    from given as g
    order by g.event_id, g.n
    on conflict (event_id) do nothing
    returning event_id
  )
  select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
    'stored', a.event_id is not null and g.n = (select min(f.n) from given as f where f.event_id = g.event_id),
    'processed', coalesce(w.processed_at is not null, false)) order by g.n), '[]')
  into v_answers
  from given as g
  left join added as a on a.event_id = g.event_id
  left join public.webhook_inbox as w on w.event_id = g.event_id;
  return v_answers;
end
$$;
comment on function public.store_webhook_events(jsonb) is
  'Stores events before they are answered, all or none; for each, in order: stored is false when it was known.';

create function public.store_webhook_event(
  p_event_id text, p_type text, p_created timestamptz, p_livemode boolean, p_payload jsonb
) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
begin
  perform app.require_service();
  return public.store_webhook_events(pg_catalog.jsonb_build_array(pg_catalog.jsonb_build_object(
    'eventId', p_event_id, 'type', p_type, 'created', p_created, 'livemode', p_livemode, 'payload', p_payload))) -> 0;
end
$$;
comment on function public.store_webhook_event(text, text, timestamptz, boolean, jsonb) is
  'store_webhook_events for one event.';

create function public.finish_webhook_event(p_event_id text, p_error text) returns void
language plpgsql security definer
set search_path = ''
as $$
begin
  perform app.require_service();
  update public.webhook_inbox as w set
    processed_at = case when p_error is null then pg_catalog.clock_timestamp() end,
    attempts = w.attempts + 1,
    last_error = left(p_error, 1000),
    -- 2, 4, 8 … seconds, at most 5 minutes.
    next_attempt_at = pg_catalog.clock_timestamp() + least(300, power(2, least(w.attempts + 1, 9))) * interval '1 second'
  where w.event_id = p_event_id and w.processed_at is null;
end
$$;
comment on function public.finish_webhook_event(text, text) is
  'Marks an event as worked off (no error), or to be tried again later (error).';

create function public.pending_webhook_events(p_limit integer) returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
begin
  perform app.require_service();
  return coalesce((
    select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'eventId', w.event_id, 'type', w.type, 'created', app.iso(w.created), 'livemode', w.livemode,
      'payload', w.payload, 'attempts', w.attempts, 'lastError', w.last_error) order by w.created, w.event_id)
    from (
      select i.* from public.webhook_inbox as i
      where i.processed_at is null and i.next_attempt_at <= pg_catalog.clock_timestamp()
      order by i.created, i.event_id limit least(greatest(p_limit, 0), 1000)
    ) as w), '[]');
end
$$;
comment on function public.pending_webhook_events(integer) is
  'Events still to be worked off and due now, oldest first.';

create table public.sweep_cursors (
  -- Hash of the Stripe key: another account, or another mode, has other events.
  account text primary key check (account ~ '^[0-9a-f]{12}$'),
  -- Time of the newest event that a whole sweep has seen, seconds since 1970.
  seconds bigint not null check (seconds > 0),
  updated_at timestamptz not null default now()
);
comment on table public.sweep_cursors is 'How far the sweep has read the events of each Stripe account.';

create function public.advance_sweep_cursor(p_account text, p_seconds bigint) returns void
language plpgsql security definer
set search_path = ''
as $$
begin
  perform app.require_service();
  insert into public.sweep_cursors as c (account, seconds) values (p_account, p_seconds)
  -- Of two sweeps at once the later one counts.
  on conflict (account) do update
  set seconds = greatest(c.seconds, excluded.seconds), updated_at = pg_catalog.clock_timestamp();
end
$$;
comment on function public.advance_sweep_cursor(text, bigint) is
  'Notes that a sweep has seen all events up to this second; never goes back.';

-- No policies: nobody but the relay reads them.
alter table public.webhook_inbox enable row level security;
alter table public.sweep_cursors enable row level security;
revoke all on table public.webhook_inbox, public.sweep_cursors from public, anon, authenticated, service_role;
grant select on table public.webhook_inbox, public.sweep_cursors to service_role;

revoke all on function public.store_webhook_events, public.store_webhook_event, public.finish_webhook_event,
  public.pending_webhook_events, public.advance_sweep_cursor from public, anon, authenticated, service_role;
grant execute on function public.store_webhook_events, public.store_webhook_event, public.finish_webhook_event,
  public.pending_webhook_events, public.advance_sweep_cursor to service_role;
