-- The rest of the proof: what verify_ledger() asks of leases part by part, of money, of wallets and of usage logs.

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

create or replace function public.verify_ledger() returns table (problem text, subject text, details jsonb)
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

revoke all on function app.allocation_differences(), app.money_differences(), app.wallet_differences()
  from public, anon, authenticated, service_role;
