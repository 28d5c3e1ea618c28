-- Who owns time, where it is used and what is on sale: wallets, kiosks, pricing tiers.
-- Money is whole cents, time is whole seconds, everywhere. Helpers live in the schema app, which the API never exposes.

create schema app;
comment on schema app is 'Helpers of the product; not exposed by the API.';
revoke all on schema app from public;
grant usage on schema app to anon, authenticated, service_role;

create table public.users (
  id uuid primary key default gen_random_uuid(),
  auth_user_id uuid unique references auth.users (id) on delete set null,
  display_name text check (char_length(display_name) <= 100),
  locale text check (locale ~ '^[a-z]{2}(-[A-Z]{2})?$'),
  -- Set by a merge: whoever still holds this id is led to the other wallet.
  merged_into uuid references public.users (id),
  created_at timestamptz not null default now(),
  check (merged_into <> id)
);
comment on table public.users is
  'Wallets. A walk-up''s wallet has no account: the code of its card is its key.';
comment on column public.users.auth_user_id is 'The account this wallet belongs to, when it belongs to one.';
create index users_merged_into_idx on public.users (merged_into);

create table public.kiosks (
  id uuid primary key,
  auth_user_id uuid unique references auth.users (id) on delete set null,
  name text not null check (char_length(name) between 1 and 100),
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.kiosks is 'Kiosks and their device accounts. A revoked one may do nothing any more.';

create table public.pricing_tiers (
  id text primary key check (id ~ '^[a-z][a-z0-9_-]{0,39}$'),
  name text not null check (char_length(name) between 1 and 100),
  description text not null default '' check (char_length(description) <= 500),
  paid_seconds integer not null check (paid_seconds > 0 and paid_seconds <= 36000000),
  bonus_seconds integer not null default 0 check (bonus_seconds between 0 and 36000000),
  price_cents integer not null check (price_cents > 0),
  currency text not null default 'usd' check (currency ~ '^[a-z]{3}$'),
  sort_order integer not null default 0,
  active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.pricing_tiers is
  'Packages on sale; an admin edits them. A sale copies price and seconds, so an edit never changes what was bought.';
