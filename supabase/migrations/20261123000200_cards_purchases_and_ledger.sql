-- What was bought, what is left of it, and the append-only ledger that proves it.

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

create table public.time_cards (
  id uuid primary key default gen_random_uuid(),
  user_id uuid references public.users (id),
  purchase_id uuid unique references public.purchases (id),
  tier_id text not null references public.pricing_tiers (id),
  tier_name text not null,
  price_cents integer not null check (price_cents >= 0),
  currency text not null check (currency ~ '^[a-z]{3}$'),
  status text not null default 'issued' check (status in ('issued', 'active', 'expired', 'refunded', 'revoked')),
  activated_at timestamptz,
  expires_at timestamptz,
  -- Seconds that money was given back for while a lease held them: taken when the lease lets go.
  refund_owed_seconds integer not null default 0 check (refund_owed_seconds >= 0),
  -- After a refund by the rule the bonus is void, also what comes back from a lease.
  bonus_void boolean not null default false,
  paid_seconds integer not null check (paid_seconds > 0),
  paid_available_seconds integer not null default 0 check (paid_available_seconds >= 0),
  paid_held_seconds integer not null default 0 check (paid_held_seconds >= 0),
  paid_spent_seconds integer not null default 0 check (paid_spent_seconds >= 0),
  paid_refunded_seconds integer not null default 0 check (paid_refunded_seconds >= 0),
  paid_expired_seconds integer not null default 0 check (paid_expired_seconds >= 0),
  paid_written_off_seconds integer not null default 0 check (paid_written_off_seconds >= 0),
  bonus_seconds integer not null default 0 check (bonus_seconds >= 0),
  bonus_available_seconds integer not null default 0 check (bonus_available_seconds >= 0),
  bonus_held_seconds integer not null default 0 check (bonus_held_seconds >= 0),
  bonus_spent_seconds integer not null default 0 check (bonus_spent_seconds >= 0),
  bonus_refunded_seconds integer not null default 0 check (bonus_refunded_seconds = 0),
  bonus_expired_seconds integer not null default 0 check (bonus_expired_seconds >= 0),
  bonus_written_off_seconds integer not null default 0 check (bonus_written_off_seconds >= 0),
  created_at timestamptz not null default now(),
  constraint paid_seconds_are_all_somewhere check (paid_seconds = paid_available_seconds + paid_held_seconds
    + paid_spent_seconds + paid_refunded_seconds + paid_expired_seconds + paid_written_off_seconds),
  constraint bonus_seconds_are_all_somewhere check (bonus_seconds = bonus_available_seconds + bonus_held_seconds
    + bonus_spent_seconds + bonus_refunded_seconds + bonus_expired_seconds + bonus_written_off_seconds),
  constraint owned_cards_are_activated check ((user_id is null) = (activated_at is null)),
  constraint activated_cards_expire check ((activated_at is null) = (expires_at is null)),
  constraint active_cards_are_owned check (status <> 'active' or user_id is not null)
);
comment on table public.time_cards is
  'Prepaid time. What was bought is always the sum of available, held, spent, refunded, expired and written off.';
create index time_cards_tier_id_idx on public.time_cards (tier_id);
create index time_cards_user_id_expires_at_idx on public.time_cards (user_id, expires_at);
create index time_cards_active_expires_at_idx on public.time_cards (expires_at) where status = 'active';

create table public.card_codes (
  card_id uuid primary key references public.time_cards (id),
  lookup text not null unique check (lookup ~ '^[0-9a-f]{16,128}$'),
  nonce text not null,
  key_id text not null,
  -- Set when the wallet was saved to an account: the code opens nothing any more.
  retired_at timestamptz,
  created_at timestamptz not null default now()
);
comment on table public.card_codes is
  'How a card''s code is found (keyed hash) and made again (nonce); the code itself is stored nowhere.';

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
