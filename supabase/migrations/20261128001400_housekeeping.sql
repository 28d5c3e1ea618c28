-- What may go after a while. Cards past their date and silent leases end elsewhere (cleanup_expired_time_cards,
-- settle_silent_leases): they are booked, this is thrown away. Never thrown away: ledger, payments, talks, audit log,
-- parked usage, and the ids of webhook events.

create function public.prune_old_data(p_webhook_payload_days integer default 90, p_limit integer default 5000)
returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_now timestamptz := pg_catalog.clock_timestamp();
  v_pruned jsonb;
begin
  perform app.require_service();
  if p_webhook_payload_days is null or p_webhook_payload_days < 1 or p_limit is null or p_limit not between 1 and 50000 then
    raise exception using errcode = 'P0001', message = 'invalid_amount',
      hint = 'Keep payloads for at least one day; prune 1 to 50000 rows of a kind at once.';
  end if;

  -- Each kind at most p_limit rows; rows in use by somebody are left for the next time instead of waited for.
  with usage_hashes as (
    -- Kiosks send again what is days old at most.
    delete from public.usage_batches as b where b.ctid = any (array(
      select o.ctid from public.usage_batches as o where o.received_at < v_now - interval '30 days'
      order by o.received_at limit p_limit for update skip locked))
    returning 1
  ), redeem_attempts as (
    -- The limits look ten minutes back, a person asking "who tried?" a few weeks.
    delete from public.redeem_attempts as a where a.ctid = any (array(
      select o.ctid from public.redeem_attempts as o where o.at < v_now - interval '30 days'
      limit p_limit for update skip locked))
    returning 1
  ), enrolment_attempts as (
    delete from public.enrolment_attempts as a where a.ctid = any (array(
      select o.ctid from public.enrolment_attempts as o where o.at < v_now - interval '1 day'
      limit p_limit for update skip locked))
    returning 1
  ), enrolment_codes as (
    -- Those that nobody used. Used ones say which kiosk each became.
    delete from public.kiosk_enrolments as e where e.ctid = any (array(
      select o.ctid from public.kiosk_enrolments as o
      where o.used_at is null and o.expires_at < v_now - interval '30 days'
      limit p_limit for update skip locked))
    returning 1
  ), visit_grants as (
    delete from public.visit_grants as g where g.ctid = any (array(
      select o.ctid from public.visit_grants as o where o.expires_at < v_now - interval '7 days'
      limit p_limit for update skip locked))
    returning 1
  ), memories as (
    -- The customer agreed up to this moment.
    delete from public.memories as m where m.ctid = any (array(
      select o.ctid from public.memories as o where o.expires_at < v_now
      order by o.expires_at limit p_limit for update skip locked))
    returning 1
  ), webhook_payloads as (
    -- What Stripe wrote, with the payer's e-mail address. Id, type and outcome stay; an event that still waits keeps all.
    update public.webhook_inbox as w set payload = null where w.ctid = any (array(
      select o.ctid from public.webhook_inbox as o
      where o.payload is not null and (o.processed_at is not null or o.set_aside_at is not null)
        and o.received_at < v_now - p_webhook_payload_days * interval '1 day'
      order by o.received_at limit p_limit for update skip locked))
    returning 1
  ), counted (kind, pruned) as (
    select 'usageHashes', count(*) from usage_hashes
    union all select 'redeemAttempts', count(*) from redeem_attempts
    union all select 'enrolmentAttempts', count(*) from enrolment_attempts
    union all select 'enrolmentCodes', count(*) from enrolment_codes
    union all select 'visitGrants', count(*) from visit_grants
    union all select 'memories', count(*) from memories
    union all select 'webhookPayloads', count(*) from webhook_payloads
  )
  select pg_catalog.jsonb_object_agg(n.kind, n.pruned)
    || pg_catalog.jsonb_build_object('isMore', pg_catalog.bool_or(n.pruned = p_limit))
  into v_pruned from counted as n;
  return v_pruned;
end
$$;
comment on function public.prune_old_data(integer, integer) is
  'Throws away what is old, at most p_limit rows of each kind; isMore says that calling again is worth while.';

revoke all on function public.prune_old_data from public, anon, authenticated, service_role;
grant execute on function public.prune_old_data to service_role;
