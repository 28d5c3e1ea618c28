-- What is on sale: the packages of time and their prices.

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

create trigger touch_pricing_tiers before update on public.pricing_tiers
  for each row execute function app.touch_updated_at();

-- Prices are what people ask about later: every change is kept with who made it.
create function app.note_tier_change() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
  perform app.audit('package_' || lower(tg_op), new.id, pg_catalog.jsonb_build_object(
    'before', case when tg_op = 'UPDATE' then pg_catalog.to_jsonb(old) end, 'after', pg_catalog.to_jsonb(new)));
  return null;
end
$$;

-- After the row: a seed run again inserts nothing, so it notes nothing.
create trigger note_tier_change after insert or update on public.pricing_tiers
  for each row execute function app.note_tier_change();

create function public.list_packages() returns jsonb
language sql stable security definer
set search_path = ''
as $$
  select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
    'id', t.id, 'name', t.name, 'description', t.description, 'paidSeconds', t.paid_seconds,
    'bonusSeconds', t.bonus_seconds, 'priceCents', t.price_cents, 'currency', t.currency)
    order by t.sort_order, t.price_cents, t.id), '[]')
  from public.pricing_tiers as t where t.active
$$;
comment on function public.list_packages() is
  'Packages on sale, for everyone (list of pricingPackageSchema).';

alter table public.pricing_tiers enable row level security;
revoke all on table public.pricing_tiers from public, anon, authenticated, service_role;
grant select on table public.pricing_tiers to service_role;
grant select on public.pricing_tiers to anon, authenticated;
grant insert, update on public.pricing_tiers to authenticated, service_role;
create policy "Everybody sees the packages on sale, staff all of them" on public.pricing_tiers
  for select to anon, authenticated using (active or (select app.caller_kind()) = 'staff');
create policy "Staff adds packages" on public.pricing_tiers
  for insert to authenticated with check ((select app.caller_kind()) = 'staff');
create policy "Staff edits packages" on public.pricing_tiers
  for update to authenticated using ((select app.caller_kind()) = 'staff')
  with check ((select app.caller_kind()) = 'staff');

revoke all on function app.note_tier_change, public.list_packages from public, anon, authenticated, service_role;
grant execute on function public.list_packages to anon, authenticated, service_role;
