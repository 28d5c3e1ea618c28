-- The inbox of Stripe's webhooks, and how far Stripe's own list of events has been read, so that whoever sweeps next (a
-- relay, an Edge Function) goes on from there. Both lie together: a restored backup takes both back together.

create table public.webhook_inbox (
  event_id text primary key,
  type text not null,
  created timestamptz not null,
  livemode boolean not null,
  -- Holds the payer's e-mail address: taken away after a while (prune_old_data), the rest stays so that an event that
  -- comes again is known.
  payload jsonb,
  received_at timestamptz not null default now(),
  processed_at timestamptz,
  attempts integer not null default 0,
  -- Of the attempts those that failed by the event itself, not by something out of reach. Ten set it aside.
  failures integer not null default 0,
  set_aside_at timestamptz,
  -- Staff has settled by hand what it was about: it stays set aside and no longer counts.
  reviewed_at timestamptz,
  last_error text,
  next_attempt_at timestamptz not null default now(),
  check (processed_at is null or set_aside_at is null),
  check (reviewed_at is null or set_aside_at is not null),
  check (payload is not null or processed_at is not null or set_aside_at is not null)
);
comment on table public.webhook_inbox is
  'Stripe events, stored before they are answered, each worked off once or set aside for a person.';
create index webhook_inbox_pending_idx on public.webhook_inbox (next_attempt_at)
  where processed_at is null and set_aside_at is null;
create index webhook_inbox_set_aside_idx on public.webhook_inbox (set_aside_at)
  where set_aside_at is not null and reviewed_at is null;
create index webhook_inbox_with_payload_idx on public.webhook_inbox (received_at) where payload is not null;

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

create function public.finish_webhook_event(
  p_event_id text, p_error text default null, p_is_outage boolean default false
) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_event public.webhook_inbox;
begin
  perform app.require_service();
  update public.webhook_inbox as w set
    processed_at = case when p_error is null then pg_catalog.clock_timestamp() end,
    attempts = w.attempts + 1,
    failures = w.failures + case when p_error is null or p_is_outage then 0 else 1 end,
    set_aside_at = case when p_error is not null and not p_is_outage and w.failures + 1 >= 10
      then pg_catalog.clock_timestamp() end,
    reviewed_at = null,
    last_error = left(p_error, 1000),
    -- 2, 4, 8 … seconds, at most 5 minutes.
    next_attempt_at = pg_catalog.clock_timestamp() + least(300, power(2, least(w.attempts + 1, 9))) * interval '1 second'
  -- One that was set aside may still be worked off by somebody who had begun; it does not fail again.
  where w.event_id = p_event_id and w.processed_at is null and (w.set_aside_at is null or p_error is null)
  returning w.* into v_event;
  if v_event.set_aside_at is not null then
    perform app.audit('webhook_event_set_aside', p_event_id,
      pg_catalog.jsonb_build_object('type', v_event.type, 'error', v_event.last_error));
  end if;
  return pg_catalog.jsonb_build_object('setAside', v_event.set_aside_at is not null);
end
$$;
comment on function public.finish_webhook_event(text, text, boolean) is
  'Marks an event as worked off (no error), or to be tried again later (error). After ten errors that are no outage of something else it is set aside.';

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
      where i.processed_at is null and i.set_aside_at is null and i.next_attempt_at <= pg_catalog.clock_timestamp()
      order by i.created, i.event_id limit least(greatest(p_limit, 0), 1000)
    ) as w), '[]');
end
$$;
comment on function public.pending_webhook_events(integer) is
  'Events still to be worked off and due now, oldest first.';

create function public.list_set_aside_webhook_events(p_limit integer default 100) returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
begin
  perform app.require_staff();
  return coalesce((
    select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'eventId', w.event_id, 'type', w.type, 'created', app.iso(w.created), 'livemode', w.livemode,
      'receivedAt', app.iso(w.received_at), 'setAsideAt', app.iso(w.set_aside_at), 'attempts', w.attempts,
      'lastError', w.last_error, 'canRetry', w.payload is not null) order by w.set_aside_at desc, w.event_id)
    from (
      select i.* from public.webhook_inbox as i where i.set_aside_at is not null and i.reviewed_at is null
      order by i.set_aside_at desc, i.event_id limit least(greatest(p_limit, 0), 1000)
    ) as w), '[]');
end
$$;
comment on function public.list_set_aside_webhook_events(integer) is
  'Events that could not be worked off, newest first, with the last error; without what Stripe wrote in them.';

create function public.webhook_inbox_state() returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
begin
  perform app.require_staff();
  return (
    select pg_catalog.jsonb_build_object(
      'waiting', count(*) filter (where w.set_aside_at is null),
      'oldestWaitingAt', app.iso(min(w.received_at) filter (where w.set_aside_at is null)),
      'setAside', count(*) filter (where w.set_aside_at is not null and w.reviewed_at is null))
    from public.webhook_inbox as w where w.processed_at is null);
end
$$;
comment on function public.webhook_inbox_state() is
  'How many events wait, since when, and how many were set aside: for metrics and reports.';

create function public.retry_webhook_event(p_event_id text) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_event public.webhook_inbox;
begin
  perform app.require_staff();
  select w.* into v_event from public.webhook_inbox as w where w.event_id = p_event_id for update;
  if v_event.event_id is null then
    raise exception using errcode = 'P0001', message = 'event_unknown';
  end if;
  if v_event.set_aside_at is null then
    return pg_catalog.jsonb_build_object('eventId', p_event_id, 'retried', false);
  end if;
  if v_event.payload is null then
    raise exception using errcode = 'P0001', message = 'event_too_old',
      hint = 'What Stripe wrote in it is gone. Look the payment up at Stripe by the id of the event.';
  end if;
  update public.webhook_inbox as w
  set set_aside_at = null, reviewed_at = null, failures = 0, next_attempt_at = pg_catalog.clock_timestamp() where w.event_id = p_event_id;
  perform app.audit('webhook_event_retried', p_event_id, pg_catalog.jsonb_build_object('type', v_event.type));
  return pg_catalog.jsonb_build_object('eventId', p_event_id, 'retried', true);
end
$$;
comment on function public.retry_webhook_event(text) is
  'Staff gives an event that was set aside ten more tries; nothing happens to one that was not.';

create function public.review_webhook_event(p_event_id text, p_note text) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_event public.webhook_inbox;
begin
  perform app.require_staff();
  select w.* into v_event from public.webhook_inbox as w where w.event_id = p_event_id for update;
  if v_event.event_id is null then
    raise exception using errcode = 'P0001', message = 'event_unknown';
  end if;
  if v_event.set_aside_at is null or v_event.reviewed_at is not null then
    return pg_catalog.jsonb_build_object('eventId', p_event_id, 'reviewed', false);
  end if;
  update public.webhook_inbox as w set reviewed_at = pg_catalog.clock_timestamp() where w.event_id = p_event_id;
  perform app.audit('webhook_event_reviewed', p_event_id,
    pg_catalog.jsonb_build_object('type', v_event.type, 'note', p_note));
  return pg_catalog.jsonb_build_object('eventId', p_event_id, 'reviewed', true);
end
$$;
comment on function public.review_webhook_event(text, text) is
  'Staff has settled by hand what an event that was set aside is about: it counts no more. retry_webhook_event takes it back.';

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

revoke all on function public.store_webhook_events, public.finish_webhook_event, public.pending_webhook_events,
  public.list_set_aside_webhook_events, public.webhook_inbox_state, public.retry_webhook_event,
  public.review_webhook_event, public.advance_sweep_cursor from public, anon, authenticated, service_role;
grant execute on function public.list_set_aside_webhook_events, public.webhook_inbox_state,
  public.retry_webhook_event, public.review_webhook_event to authenticated, service_role;
grant execute on function public.store_webhook_events, public.finish_webhook_event, public.pending_webhook_events,
  public.advance_sweep_cursor to service_role;
