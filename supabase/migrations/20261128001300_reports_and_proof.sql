-- The reports for staff, and the proof that the books are right.

create function app.sales_in(p_from timestamptz, p_to timestamptz, p_currency text)
returns table (at timestamptz, tier_id text, price_cents integer, status text)
language sql stable
set search_path = ''
as $$
  select p.paid_at, p.tier_id, p.price_cents, p.status from public.purchases as p
  where p.paid_at >= p_from and p.paid_at < p_to and p.currency = p_currency
$$;

create function app.span_totals(p_from timestamptz, p_to timestamptz, p_currency text) returns jsonb
language sql stable
set search_path = ''
as $$
  select pg_catalog.jsonb_build_object(
    'salesCount', (select count(*) from app.sales_in(p_from, p_to, p_currency)),
    'salesCents', (select coalesce(sum(s.price_cents), 0) from app.sales_in(p_from, p_to, p_currency) as s),
    'talks', count(*), 'talkSeconds', coalesce(sum(v.seconds), 0))
  from public.voice_sessions as v where v.started_at >= p_from and v.started_at < p_to
$$;

create function public.report_today(p_time_zone text) returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_from timestamptz;
  v_now timestamptz := pg_catalog.now();
  v_currency text;
begin
  perform app.require_staff();
  begin
    v_from := pg_catalog.date_trunc('day', v_now at time zone p_time_zone) at time zone p_time_zone;
  exception when invalid_parameter_value then
    v_from := null;
  end;
  if v_from is null then
    raise exception using errcode = 'P0001', message = 'time_zone_unknown', hint = 'Give a name such as Europe/Berlin.';
  end if;
  select t.currency into v_currency from public.pricing_tiers as t order by t.active desc, t.sort_order, t.id limit 1;
  v_currency := coalesce(v_currency, 'usd');
  return pg_catalog.jsonb_build_object(
    'timeZone', p_time_zone, 'from', app.iso(v_from), 'to', app.iso(v_now), 'currency', v_currency,
    'today', app.span_totals(v_from, v_now, v_currency),
    'yesterday', app.span_totals(
      (v_from at time zone p_time_zone - interval '1 day') at time zone p_time_zone,
      (v_now at time zone p_time_zone - interval '1 day') at time zone p_time_zone, v_currency),
    'hours', (
      select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('hour', h.hour,
        'salesCents', coalesce(s.cents, 0), 'talkSeconds', coalesce(t.seconds, 0)) order by h.hour)
      from pg_catalog.generate_series(0, 23) as h (hour)
      left join (
        select extract(hour from i.at at time zone p_time_zone)::integer as hour, sum(i.price_cents) as cents
        from app.sales_in(v_from, v_now, v_currency) as i group by 1
      ) as s on s.hour = h.hour
      left join (
        select extract(hour from v.started_at at time zone p_time_zone)::integer as hour, sum(v.seconds) as seconds
        from public.voice_sessions as v where v.started_at >= v_from and v.started_at < v_now group by 1
      ) as t on t.hour = h.hour),
    'sales', coalesce((
      select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('at', app.iso(s.at), 'packageId', s.tier_id,
        'priceCents', s.price_cents, 'status', s.status) order by s.at desc)
      from (select i.* from app.sales_in(v_from, v_now, v_currency) as i order by i.at desc limit 200) as s), '[]'),
    'talkRows', coalesce((
      select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('at', app.iso(t.started_at), 'seconds', t.seconds,
        'endReason', t.end_reason, 'kioskName', t.name) order by t.started_at desc)
      from (
        select v.started_at, v.seconds, v.end_reason, k.name
        from public.voice_sessions as v join public.kiosks as k on k.id = v.kiosk_id
        where v.started_at >= v_from and v.started_at < v_now order by v.started_at desc limit 200
      ) as t), '[]'));
end
$$;
comment on function public.report_today(text) is
  'Sales and talks since midnight in a time zone, beside the same span of the day before (todayReportSchema).';

create function public.report_written_off() returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
begin
  perform app.require_staff();
  return pg_catalog.jsonb_build_object(
    'reportedSeconds', (select coalesce(sum(k.seconds), 0) from public.usage_parked as k),
    'unreviewedRows', (select count(*) from public.usage_parked as k where k.reviewed_at is null),
    'cardPaidSeconds', (select coalesce(sum(c.paid_written_off_seconds), 0) from public.time_cards as c),
    'cardBonusSeconds', (select coalesce(sum(c.bonus_written_off_seconds), 0) from public.time_cards as c),
    'reasons', coalesce((
      select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('kioskId', r.kiosk_id, 'kioskName', r.name,
        'reason', r.reason, 'rows', r.row_count, 'seconds', r.seconds, 'unreviewedRows', r.unreviewed,
        'lastAt', app.iso(r.last_at)) order by r.last_at desc, r.kiosk_id, r.reason)
      from (
        select k.kiosk_id, i.name, k.reason, count(*) as row_count, sum(k.seconds) as seconds,
          count(*) filter (where k.reviewed_at is null) as unreviewed, max(k.created_at) as last_at
        from public.usage_parked as k join public.kiosks as i on i.id = k.kiosk_id
        group by 1, 2, 3
      ) as r), '[]'));
end
$$;
comment on function public.report_written_off() is
  'What the operator bears: reported seconds nobody is charged for, by kiosk and reason, and written-off card time.';

-- What verify_ledger() asks: of cards and leases, of leases part by part, of payments and money, of wallets and logs.

create function app.ledger_differences() returns table (problem text, subject text, details jsonb)
language sql stable
set search_path = ''
as $$
  with moves as (
    select e.card_id, e.to_bucket as bucket, e.paid_seconds as paid, e.bonus_seconds as bonus from public.ledger_entries as e
    union all
    select e.card_id, e.from_bucket, -e.paid_seconds, -e.bonus_seconds from public.ledger_entries as e
  ), derived as (
    select m.card_id, m.bucket, sum(m.paid)::integer as paid, sum(m.bonus)::integer as bonus
    from moves as m where m.bucket <> 'outside' group by 1, 2
  ), stored as (
    select c.id as card_id, b.* from public.time_cards as c cross join lateral (values
      ('available', c.paid_available_seconds, c.bonus_available_seconds),
      ('held', c.paid_held_seconds, c.bonus_held_seconds),
      ('spent', c.paid_spent_seconds, c.bonus_spent_seconds),
      ('refunded', c.paid_refunded_seconds, c.bonus_refunded_seconds),
      ('expired', c.paid_expired_seconds, c.bonus_expired_seconds),
      ('written_off', c.paid_written_off_seconds, c.bonus_written_off_seconds)) as b (bucket, paid, bonus)
  )
  select 'card_differs_from_ledger', coalesce(s.card_id, d.card_id)::text,
    pg_catalog.jsonb_build_object('bucket', coalesce(s.bucket, d.bucket), 'paid', s.paid, 'bonus', s.bonus,
      'ledgerPaid', d.paid, 'ledgerBonus', d.bonus)
  from stored as s full join derived as d on d.card_id = s.card_id and d.bucket = s.bucket
  where coalesce(s.paid, 0) <> coalesce(d.paid, 0) or coalesce(s.bonus, 0) <> coalesce(d.bonus, 0)
  union all
  select 'card_not_bought_once', c.id::text, pg_catalog.jsonb_build_object('entries', count(e.id))
  from public.time_cards as c
  left join public.ledger_entries as e on e.card_id = c.id and e.from_bucket = 'outside'
  group by c.id
  having count(e.id) <> 1 or max(e.paid_seconds) <> c.paid_seconds or max(e.bonus_seconds) <> c.bonus_seconds
  union all
  select 'card_sum_differs', c.id::text, '{}' from public.time_cards as c
  where c.paid_seconds <> c.paid_available_seconds + c.paid_held_seconds + c.paid_spent_seconds
      + c.paid_refunded_seconds + c.paid_expired_seconds + c.paid_written_off_seconds
    or c.bonus_seconds <> c.bonus_available_seconds + c.bonus_held_seconds + c.bonus_spent_seconds
      + c.bonus_refunded_seconds + c.bonus_expired_seconds + c.bonus_written_off_seconds
    or least(c.paid_available_seconds, c.paid_held_seconds, c.bonus_available_seconds, c.bonus_held_seconds) < 0
$$;

create function app.lease_differences() returns table (problem text, subject text, details jsonb)
language sql stable
set search_path = ''
as $$
  select 'card_held_differs_from_leases', c.id::text, pg_catalog.jsonb_build_object(
    'paidHeld', c.paid_held_seconds, 'bonusHeld', c.bonus_held_seconds,
    'leasesPaid', coalesce(sum(a.paid_held_seconds), 0), 'leasesBonus', coalesce(sum(a.bonus_held_seconds), 0))
  from public.time_cards as c left join public.lease_allocations as a on a.card_id = c.id
  group by c.id
  having c.paid_held_seconds <> coalesce(sum(a.paid_held_seconds), 0)
    or c.bonus_held_seconds <> coalesce(sum(a.bonus_held_seconds), 0)
  union all
  select 'lease_differs_from_its_parts', l.id::text, pg_catalog.jsonb_build_object(
    'granted', l.granted_seconds, 'spent', l.spent_seconds, 'status', l.status,
    'parts', t.total, 'partsSpent', t.spent, 'partsHeld', t.held, 'steps', s.granted, 'ledgerSpent', e.spent)
  from public.leases as l
  cross join lateral (
    select coalesce(sum(a.paid_held_seconds + a.bonus_held_seconds), 0) as held,
      coalesce(sum(a.paid_spent_seconds + a.bonus_spent_seconds), 0) as spent,
      coalesce(sum(a.paid_held_seconds + a.bonus_held_seconds + a.paid_spent_seconds + a.bonus_spent_seconds
        + a.paid_released_seconds + a.bonus_released_seconds), 0) as total
    from public.lease_allocations as a where a.lease_id = l.id) as t
  cross join lateral (
    select coalesce(sum(i.granted_seconds), 0) as granted from public.lease_steps as i where i.lease_id = l.id) as s
  cross join lateral (
    select coalesce(sum(i.paid_seconds + i.bonus_seconds), 0) as spent
    from public.ledger_entries as i where i.lease_id = l.id and i.to_bucket = 'spent') as e
  where t.total <> l.granted_seconds or t.spent <> l.spent_seconds or s.granted <> l.granted_seconds
    or e.spent <> l.spent_seconds or (l.status in ('closed', 'voided', 'settled') and t.held > 0)
$$;

create function app.allocation_differences() returns table (problem text, subject text, details jsonb)
language sql stable
set search_path = ''
as $$
  -- Each part of a lease is what the ledger says of it.
  with moved as (
    select e.lease_id, e.card_id,
      sum(case when e.to_bucket = 'held' then e.paid_seconds else 0 end) as paid_taken,
      sum(case when e.to_bucket = 'held' then e.bonus_seconds else 0 end) as bonus_taken,
      sum(case when e.to_bucket = 'spent' then e.paid_seconds else 0 end) as paid_spent,
      sum(case when e.to_bucket = 'spent' then e.bonus_seconds else 0 end) as bonus_spent,
      sum(case when e.from_bucket = 'held' and e.to_bucket <> 'spent' then e.paid_seconds else 0 end) as paid_released,
      sum(case when e.from_bucket = 'held' and e.to_bucket <> 'spent' then e.bonus_seconds else 0 end) as bonus_released
    from public.ledger_entries as e where e.lease_id is not null group by 1, 2
  )
  select 'lease_part_differs_from_ledger', coalesce(a.lease_id, m.lease_id)::text,
    pg_catalog.jsonb_build_object('cardId', coalesce(a.card_id, m.card_id), 'part', pg_catalog.to_jsonb(a),
      'ledger', pg_catalog.to_jsonb(m))
  from public.lease_allocations as a
  full join moved as m on m.lease_id = a.lease_id and m.card_id = a.card_id
  where (a.paid_held_seconds + a.paid_spent_seconds + a.paid_released_seconds, a.paid_spent_seconds, a.paid_released_seconds,
      a.bonus_held_seconds + a.bonus_spent_seconds + a.bonus_released_seconds, a.bonus_spent_seconds,
      a.bonus_released_seconds)
    is distinct from (m.paid_taken, m.paid_spent, m.paid_released, m.bonus_taken, m.bonus_spent, m.bonus_released)
  union all
  select 'held_seconds_move_without_lease', e.card_id::text, pg_catalog.jsonb_build_object('entry', e.id)
  from public.ledger_entries as e
  where 'held' in (e.from_bucket, e.to_bucket) and e.lease_id is null
$$;

create function app.payment_differences() returns table (problem text, subject text, details jsonb)
language sql stable
set search_path = ''
as $$
  select 'purchase_paid_without_card', p.id::text, pg_catalog.jsonb_build_object('status', p.status)
  from public.purchases as p left join public.time_cards as c on c.purchase_id = p.id
  where (p.paid_at is not null) <> (c.id is not null)
  union all
  select 'more_given_back_than_paid', h.purchase_id::text, pg_catalog.jsonb_build_object(
    'paid', coalesce(sum(h.amount_cents) filter (where h.kind = 'payment'), 0),
    'refunded', coalesce(sum(h.amount_cents) filter (where h.kind = 'refund'), 0))
  from public.payment_history as h group by h.purchase_id
  having coalesce(sum(h.amount_cents) filter (where h.kind = 'refund'), 0)
    > coalesce(sum(h.amount_cents) filter (where h.kind = 'payment'), 0)
  union all
  select 'more_talked_than_spent', k.id::text, pg_catalog.jsonb_build_object('talked', v.seconds, 'spent', l.seconds)
  from public.kiosks as k
  cross join lateral (
    select coalesce(sum(i.seconds), 0) as seconds from public.voice_sessions as i where i.kiosk_id = k.id) as v
  cross join lateral (
    select coalesce(sum(i.spent_seconds), 0) as seconds from public.leases as i where i.kiosk_id = k.id) as l
  where v.seconds > l.seconds
  union all
  -- What Stripe said and nobody could book: money may have moved.
  select 'webhook_event_set_aside', w.event_id, pg_catalog.jsonb_build_object('type', w.type, 'error', w.last_error)
  from public.webhook_inbox as w where w.set_aside_at is not null and w.reviewed_at is null
$$;

create function app.money_differences() returns table (problem text, subject text, details jsonb)
language sql stable
set search_path = ''
as $$
  -- One payment per paid purchase, of its price, and a card as it was sold.
  select 'purchase_differs_from_payment', p.id::text, pg_catalog.jsonb_build_object('status', p.status,
    'payments', count(h.id), 'priceCents', p.price_cents, 'amountCents', max(h.amount_cents))
  from public.purchases as p
  left join public.payment_history as h on h.purchase_id = p.id and h.kind = 'payment'
  group by p.id
  having count(h.id) <> case when p.paid_at is null then 0 else 1 end
    or max(h.amount_cents) <> p.price_cents or max(h.currency) <> p.currency or bool_and(h.livemode) <> p.livemode
    or max(h.payment_intent_id) <> p.payment_intent_id
  union all
  select 'card_differs_from_purchase', c.id::text, pg_catalog.jsonb_build_object('purchaseId', p.id)
  from public.time_cards as c join public.purchases as p on p.id = c.purchase_id
  where (c.tier_id, c.price_cents, c.currency, c.paid_seconds, c.bonus_seconds)
    is distinct from (p.tier_id, p.price_cents, p.currency, p.paid_seconds, p.bonus_seconds)
  union all
  select 'payment_of_another_card', h.id::text, pg_catalog.jsonb_build_object('cardId', h.card_id)
  from public.payment_history as h join public.time_cards as c on c.id = h.card_id
  where c.purchase_id is distinct from h.purchase_id or c.user_id is distinct from h.user_id
  union all
  -- Seconds go back with money only: taken at once, or owed by a lease and taken when it let go.
  select 'refunded_seconds_differ_from_refunds', c.id::text, pg_catalog.jsonb_build_object(
    'refunded', c.paid_refunded_seconds, 'owed', c.refund_owed_seconds, 'takenAtOnce', coalesce(sum(h.refunded_seconds), 0),
    'promised', coalesce(sum(h.owed_seconds), 0))
  from public.time_cards as c left join public.payment_history as h on h.card_id = c.id and h.kind = 'refund'
  group by c.id
  having c.paid_refunded_seconds + c.refund_owed_seconds
    <> coalesce(sum(h.refunded_seconds), 0) + coalesce(sum(h.owed_seconds), 0)
  union all
  select 'batch_differs_from_its_cards', b.id::text, pg_catalog.jsonb_build_object(
    'said', b.card_count, 'cards', count(c.id), 'codes', count(k.card_id))
  from public.card_batches as b
  left join public.time_cards as c on c.batch_id = b.id
  left join public.card_codes as k on k.card_id = c.id
  group by b.id having count(c.id) <> b.card_count or count(k.card_id) <> b.card_count
$$;

create function app.wallet_differences() returns table (problem text, subject text, details jsonb)
language sql stable
set search_path = ''
as $$
  -- A card that ended has nothing left to use. What a lease still holds of it stays until that lease ends.
  select 'ended_card_has_time', c.id::text, pg_catalog.jsonb_build_object('status', c.status,
    'paid', c.paid_available_seconds, 'bonus', c.bonus_available_seconds)
  from public.time_cards as c
  where (c.status in ('expired', 'refunded', 'revoked') and c.paid_available_seconds + c.bonus_available_seconds > 0)
    or (c.status = 'refunded' and c.paid_held_seconds + c.bonus_held_seconds > 0)
    or (c.bonus_void and c.bonus_available_seconds > 0)
  union all
  select 'merged_wallet_holds_something', u.id::text, pg_catalog.jsonb_build_object('mergedInto', u.merged_into)
  from public.users as u
  where u.merged_into is not null and (
    u.auth_user_id is not null
    or exists (select from public.users as t where t.id = u.merged_into and t.merged_into is not null)
    or exists (select from public.time_cards as c where c.user_id = u.id)
    or exists (select from public.visit_grants as g where g.user_id = u.id)
    or exists (
      select from public.leases as l join public.lease_allocations as a on a.lease_id = l.id
      where l.user_id = u.id and a.paid_held_seconds + a.bonus_held_seconds > 0))
  union all
  -- Every move of a card was made for its owner of that moment, who is the owner now or was merged into it.
  select distinct 'entry_of_another_wallet', e.card_id::text, pg_catalog.jsonb_build_object(
    'userId', e.user_id, 'owner', c.user_id)
  from public.ledger_entries as e join public.time_cards as c on c.id = e.card_id
  left join public.users as u on u.id = e.user_id
  where e.user_id is not null and coalesce(u.merged_into, u.id) is distinct from c.user_id
  union all
  select distinct 'lease_of_another_wallet', l.id::text, pg_catalog.jsonb_build_object('cardId', c.id)
  from public.leases as l
  join public.lease_allocations as a on a.lease_id = l.id
  join public.time_cards as c on c.id = a.card_id
  join public.users as u on u.id = l.user_id
  where coalesce(u.merged_into, u.id) is distinct from c.user_id
  union all
  -- Rows of a usage log arrive once and without a gap (of those whose hashes are still kept).
  select 'usage_log_has_gaps', s.kiosk_id::text, pg_catalog.jsonb_build_object('epoch', s.epoch,
    'lastSeq', s.last_seq, 'received', sum(b.to_seq - b.from_seq + 1), 'from', min(b.from_seq), 'to', max(b.to_seq))
  from public.kiosk_streams as s
  join public.usage_batches as b on b.kiosk_id = s.kiosk_id and b.epoch = s.epoch
  group by s.kiosk_id, s.epoch
  having max(b.to_seq) <> s.last_seq or sum(b.to_seq - b.from_seq + 1) <> max(b.to_seq) - min(b.from_seq) + 1
$$;

create function public.verify_ledger() returns table (problem text, subject text, details jsonb)
language plpgsql stable security definer
set search_path = ''
as $$
begin
  perform app.require_staff();
  return query select * from app.ledger_differences();
  return query select * from app.lease_differences();
  return query select * from app.payment_differences();
  return query select * from app.allocation_differences();
  return query select * from app.money_differences();
  return query select * from app.wallet_differences();
end
$$;
comment on function public.verify_ledger() is 'Everything that does not add up; no rows when all is well.';

revoke all on function app.sales_in, app.span_totals, public.report_today, public.report_written_off,
  app.ledger_differences, app.lease_differences, app.allocation_differences, app.payment_differences,
  app.money_differences, app.wallet_differences, public.verify_ledger from public, anon, authenticated,
  service_role;
grant execute on function public.report_today, public.report_written_off, public.verify_ledger
  to authenticated, service_role;
