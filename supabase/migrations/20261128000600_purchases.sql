-- Buying: a purchase is written down before Stripe is called and becomes a card when it is paid. Called by the relay
-- only; each function may be called again without effect.

create table public.purchases (
  id uuid primary key,
  tier_id text not null references public.pricing_tiers (id),
  tier_name text not null,
  paid_seconds integer not null check (paid_seconds > 0),
  bonus_seconds integer not null check (bonus_seconds >= 0),
  price_cents integer not null check (price_cents > 0),
  currency text not null check (currency ~ '^[a-z]{3}$'),
  kiosk_id uuid references public.kiosks (id),
  visit_id uuid,
  user_id uuid references public.users (id),
  livemode boolean not null,
  claim_token_hash text unique,
  status text not null default 'pending'
    check (status in ('pending', 'processing', 'paid', 'failed', 'expired', 'refunded')),
  checkout_session_id text unique,
  payment_intent_id text unique,
  checkout_url text,
  expires_at timestamptz,
  last_payment_error text check (char_length(last_payment_error) <= 500),
  paid_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((status in ('paid', 'refunded')) = (paid_at is not null))
);
comment on table public.purchases is
  'One row per attempt to buy, written before Stripe is called; the price is the one of that moment.';
create index purchases_tier_id_idx on public.purchases (tier_id);
create index purchases_kiosk_id_idx on public.purchases (kiosk_id);
create index purchases_user_id_idx on public.purchases (user_id);
create index purchases_paid_at_idx on public.purchases (paid_at desc) where paid_at is not null;

alter table public.time_cards
  add constraint time_cards_purchase_id_fkey foreign key (purchase_id) references public.purchases (id);

create table public.payment_history (
  id uuid primary key default gen_random_uuid(),
  user_id uuid references public.users (id),
  purchase_id uuid not null references public.purchases (id),
  card_id uuid not null references public.time_cards (id),
  kind text not null check (kind in ('payment', 'refund')),
  amount_cents integer not null check (amount_cents > 0),
  currency text not null check (currency ~ '^[a-z]{3}$'),
  payment_intent_id text not null,
  refund_id text unique,
  reason text check (char_length(reason) <= 200),
  livemode boolean not null,
  -- Of a refund: paid seconds taken back at once, seconds owed by a running lease, bonus made void.
  refunded_seconds integer not null default 0 check (refunded_seconds >= 0),
  owed_seconds integer not null default 0 check (owed_seconds >= 0),
  voided_bonus_seconds integer not null default 0 check (voided_bonus_seconds >= 0),
  created_at timestamptz not null default now(),
  check ((kind = 'refund') = (refund_id is not null))
);
comment on table public.payment_history is
  'Money in and money given back (refunds and disputes lost), once each.';
create unique index payment_history_one_payment_idx on public.payment_history (purchase_id) where kind = 'payment';
create index payment_history_purchase_id_idx on public.payment_history (purchase_id);
create index payment_history_card_id_idx on public.payment_history (card_id);
create index payment_history_user_id_created_at_idx on public.payment_history (user_id, created_at desc);
create index payment_history_payment_intent_id_idx on public.payment_history (payment_intent_id);

create function app.purchase_json(p_purchase public.purchases) returns jsonb
language sql stable
set search_path = ''
as $$
  select pg_catalog.jsonb_build_object(
    'purchaseId', p_purchase.id, 'tierId', p_purchase.tier_id, 'tierName', p_purchase.tier_name,
    'paidSeconds', p_purchase.paid_seconds, 'bonusSeconds', p_purchase.bonus_seconds,
    'priceCents', p_purchase.price_cents, 'currency', p_purchase.currency,
    'kioskId', p_purchase.kiosk_id, 'visitId', p_purchase.visit_id, 'userId', p_purchase.user_id,
    'livemode', p_purchase.livemode, 'claimTokenHash', p_purchase.claim_token_hash, 'status', p_purchase.status,
    'checkoutSessionId', p_purchase.checkout_session_id, 'paymentIntentId', p_purchase.payment_intent_id,
    'checkoutUrl', p_purchase.checkout_url, 'expiresAt', app.iso(p_purchase.expires_at),
    'lastError', p_purchase.last_payment_error, 'paidAt', app.iso(p_purchase.paid_at),
    'createdAt', app.iso(p_purchase.created_at),
    'cardId', c.id, 'codeNonce', k.nonce, 'codeKeyId', k.key_id,
    'codeRetired', k.retired_at is not null)
  from (values (1)) as one (row)
  left join public.time_cards as c on c.purchase_id = p_purchase.id
  left join public.card_codes as k on k.card_id = c.id
$$;

create function app.lock_purchase(p_purchase_id uuid) returns public.purchases
language plpgsql
set search_path = ''
as $$
declare
  v_purchase public.purchases;
begin
  -- Wallet first, then the purchase: the order of every money function.
  perform app.lock_current_wallet((select p.user_id from public.purchases as p where p.id = p_purchase_id));
  select p.* into v_purchase from public.purchases as p where p.id = p_purchase_id for update;
  if v_purchase.id is null then
    raise exception using errcode = 'P0001', message = 'purchase_unknown';
  end if;
  return v_purchase;
end
$$;

create function public.create_purchase(
  p_purchase_id uuid, p_tier_id text, p_livemode boolean, p_claim_token_hash text default null,
  p_kiosk_id uuid default null, p_visit_id uuid default null, p_user_id uuid default null
) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_tier public.pricing_tiers;
  v_purchase public.purchases;
begin
  perform app.require_service();
  select p.* into v_purchase from public.purchases as p where p.id = p_purchase_id;
  if v_purchase.id is null then
    if p_kiosk_id is not null then
      perform app.require_kiosk(p_kiosk_id);
    end if;
    -- The code of the card will open that wallet, so a kiosk must have it open already.
    if p_user_id is not null and p_kiosk_id is not null and not app.has_grant(p_user_id, p_kiosk_id, p_visit_id) then
      perform app.raise_no_grant();
    end if;
    select t.* into v_tier from public.pricing_tiers as t where t.id = p_tier_id and t.active;
    if v_tier.id is null then
      raise exception using errcode = 'P0001', message = 'package_unknown';
    end if;
    insert into public.purchases (id, tier_id, tier_name, paid_seconds, bonus_seconds, price_cents, currency,
      kiosk_id, visit_id, user_id, livemode, claim_token_hash)
    values (p_purchase_id, v_tier.id, v_tier.name, v_tier.paid_seconds, v_tier.bonus_seconds, v_tier.price_cents,
      v_tier.currency, p_kiosk_id, p_visit_id, p_user_id, p_livemode, p_claim_token_hash)
    on conflict (id) do nothing;
    select p.* into strict v_purchase from public.purchases as p where p.id = p_purchase_id;
  end if;
  if (v_purchase.tier_id, v_purchase.livemode) is distinct from (p_tier_id, p_livemode)
    or v_purchase.kiosk_id is distinct from p_kiosk_id or v_purchase.visit_id is distinct from p_visit_id
    or v_purchase.user_id is distinct from p_user_id or v_purchase.claim_token_hash is distinct from p_claim_token_hash
  then
    raise exception using errcode = 'P0001', message = 'purchase_differs',
      hint = 'This purchase id was used for another purchase.';
  end if;
  return app.purchase_json(v_purchase);
end
$$;
comment on function public.create_purchase(uuid, text, boolean, text, uuid, uuid, uuid) is
  'Writes down a purchase at the present price before Stripe is called; once per id.';

create function public.set_purchase_checkout(
  p_purchase_id uuid, p_checkout_session_id text default null, p_payment_intent_id text default null,
  p_checkout_url text default null, p_expires_at timestamptz default null
) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_purchase public.purchases;
begin
  perform app.require_service();
  v_purchase := app.lock_purchase(p_purchase_id);
  update public.purchases as p set
    checkout_session_id = coalesce(p_checkout_session_id, p.checkout_session_id),
    payment_intent_id = coalesce(p.payment_intent_id, p_payment_intent_id),
    checkout_url = coalesce(p_checkout_url, p.checkout_url),
    expires_at = coalesce(p_expires_at, p.expires_at), updated_at = pg_catalog.now()
  where p.id = p_purchase_id returning p.* into v_purchase;
  return app.purchase_json(v_purchase);
end
$$;

create function public.get_purchase(p_purchase_id uuid) returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
begin
  perform app.require_service();
  return (select app.purchase_json(p) from public.purchases as p where p.id = p_purchase_id);
end
$$;

create function public.find_purchase(
  p_checkout_session_id text default null, p_payment_intent_id text default null, p_claim_token_hash text default null
) returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
begin
  perform app.require_service();
  return (
    select app.purchase_json(p) from public.purchases as p
    where p.checkout_session_id = p_checkout_session_id or p.payment_intent_id = p_payment_intent_id
      or p.claim_token_hash = p_claim_token_hash
    order by p.created_at limit 1);
end
$$;
comment on function public.find_purchase(text, text, text) is
  'The purchase with any of these; null arguments match nothing.';

create function public.fail_purchase(p_purchase_id uuid, p_status text, p_message text default null) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_purchase public.purchases;
begin
  perform app.require_service();
  if coalesce(p_status, '') not in ('pending', 'processing', 'failed', 'expired') then
    raise exception using errcode = 'P0001', message = 'invalid_status';
  end if;
  v_purchase := app.lock_purchase(p_purchase_id);
  -- Events come in any order: paid stays paid, and what ended doesn't begin again by an older decline.
  if v_purchase.status in ('pending', 'processing') then
    update public.purchases as p set status = p_status, last_payment_error = left(p_message, 500),
      updated_at = pg_catalog.clock_timestamp()
    where p.id = p_purchase_id returning p.* into v_purchase;
  end if;
  return app.purchase_json(v_purchase);
end
$$;
comment on function public.fail_purchase(uuid, text, text) is
  'Notes that a purchase failed, expired or was declined (pending: may try again); never after it was paid.';

-- A payment may come after its wallet was merged: the card goes where the wallet went. In an account it has no code
-- that opens it, like the cards that were merged.
create function app.activate_card(p_card_id uuid, p_user_id uuid) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_user_id uuid := app.current_wallet(p_user_id);
begin
  -- One year of validity from activation: one look at the clock, two would be some microseconds more than a year.
  update public.time_cards as c
  set user_id = v_user_id, status = 'active', activated_at = n.at, expires_at = n.at + interval '1 year'
  from (select pg_catalog.clock_timestamp() as at offset 0) as n
  where c.id = p_card_id and c.status = 'issued';
  if not found then
    return;
  end if;
  -- A payment is seen by whom its card serves.
  update public.payment_history as h set user_id = v_user_id where h.card_id = p_card_id;
  if v_user_id <> p_user_id then
    perform app.retire_codes(v_user_id, array[p_card_id]);
  end if;
end
$$;

create function public.fulfil_payment(
  p_purchase_id uuid, p_payment_intent_id text, p_amount_cents integer, p_currency text, p_livemode boolean,
  p_code_nonce text, p_code_key_id text, p_code_lookup text
) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_purchase public.purchases;
  v_card_id uuid;
  v_details jsonb;
begin
  perform app.require_service();
  v_purchase := app.lock_purchase(p_purchase_id);
  if p_payment_intent_id is null or v_purchase.price_cents is distinct from p_amount_cents
    or v_purchase.currency is distinct from lower(p_currency) or v_purchase.livemode is distinct from p_livemode
    or coalesce(v_purchase.payment_intent_id, p_payment_intent_id) <> p_payment_intent_id
  then
    v_details := pg_catalog.jsonb_build_object(
      'paymentIntentId', p_payment_intent_id, 'amountCents', p_amount_cents, 'currency', p_currency,
      'livemode', p_livemode, 'expectedPaymentIntentId', v_purchase.payment_intent_id,
      'expectedAmountCents', v_purchase.price_cents, 'expectedCurrency', v_purchase.currency,
      'expectedLivemode', v_purchase.livemode);
    perform app.audit('payment_mismatch', p_purchase_id::text, v_details);
    return app.refuse('payment_mismatch', v_details);
  end if;
  if v_purchase.status in ('paid', 'refunded') then
    return app.purchase_json(v_purchase);
  end if;
  update public.purchases as p set status = 'paid', payment_intent_id = p_payment_intent_id,
    paid_at = pg_catalog.clock_timestamp(), last_payment_error = null, updated_at = pg_catalog.clock_timestamp()
  where p.id = p_purchase_id returning p.* into v_purchase;
  v_card_id := app.new_card(v_purchase.id, null, v_purchase.tier_id, v_purchase.tier_name, v_purchase.price_cents,
    v_purchase.currency, v_purchase.paid_seconds, v_purchase.bonus_seconds);
  insert into public.card_codes (card_id, lookup, nonce, key_id)
  values (v_card_id, p_code_lookup, p_code_nonce, p_code_key_id);
  if v_purchase.user_id is not null then
    perform app.activate_card(v_card_id, v_purchase.user_id);
  end if;
  insert into public.payment_history
    (user_id, purchase_id, card_id, kind, amount_cents, currency, payment_intent_id, livemode)
  values (app.current_wallet(v_purchase.user_id), v_purchase.id, v_card_id, 'payment', p_amount_cents, v_purchase.currency,
    p_payment_intent_id, p_livemode);
  return app.purchase_json(v_purchase);
end
$$;
comment on function public.fulfil_payment(uuid, text, integer, text, boolean, text, text, text) is
  'Makes the card of a paid purchase, once: the first nonce wins. Bought for an open wallet, it joins that wallet.';

alter table public.purchases enable row level security;
alter table public.payment_history enable row level security;
revoke all on table public.purchases, public.payment_history from public, anon, authenticated, service_role;
grant select on table public.purchases, public.payment_history to service_role;
grant select on public.purchases, public.payment_history to authenticated;
create policy "Staff sees purchases" on public.purchases
  for select to authenticated using ((select app.caller_kind()) = 'staff');
create policy "Customers see their own payments, staff every one" on public.payment_history
  for select to authenticated
  using (user_id = (select app.caller_user_id()) or (select app.caller_kind()) = 'staff');

revoke all on function app.purchase_json, app.lock_purchase, public.create_purchase, public.set_purchase_checkout,
  public.get_purchase, public.find_purchase, public.fail_purchase, app.activate_card,
  public.fulfil_payment from public, anon, authenticated, service_role;
grant execute on function public.create_purchase, public.set_purchase_checkout, public.get_purchase,
  public.find_purchase, public.fail_purchase, public.fulfil_payment to service_role;
