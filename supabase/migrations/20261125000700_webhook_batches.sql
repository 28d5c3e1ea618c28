-- Webhook events that come at once are stored in one call: each is answered as if it had come alone.

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

create or replace function public.store_webhook_event(
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

revoke all on function public.store_webhook_events(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.store_webhook_events(jsonb) to service_role;
