-- The five packages of the product. May be run again: it never overwrites what an admin has edited.
insert into public.pricing_tiers
  (id, name, description, paid_seconds, bonus_seconds, price_cents, currency, sort_order)
values
  ('starter', 'Starter', 'Perfect for trying out', 3600, 0, 999, 'usd', 1),
  ('basic', 'Basic', 'Great for regular users', 18000, 1800, 4499, 'usd', 2),
  ('premium', 'Premium', 'Best value option', 36000, 7200, 7999, 'usd', 3),
  ('pro', 'Pro', 'For power users', 90000, 18000, 17999, 'usd', 4),
  ('enterprise', 'Enterprise', 'Maximum value', 180000, 36000, 29999, 'usd', 5)
on conflict (id) do nothing;
