-- How far Stripe's own list of events has been read, so that whoever sweeps next (a relay, an Edge Function) goes on
-- from there. It lies beside the inbox: a restored backup takes both back together.

create table public.sweep_cursors (
  -- Hash of the Stripe key: another account, or another mode, has other events.
  account text primary key check (account ~ '^[0-9a-f]{12}$'),
  -- Time of the newest event that a whole sweep has seen, seconds since 1970.
  seconds bigint not null check (seconds > 0),
  updated_at timestamptz not null default now()
);
comment on table public.sweep_cursors is 'How far the sweep has read the events of each Stripe account.';
alter table public.sweep_cursors enable row level security;
revoke all on table public.sweep_cursors from public, anon, authenticated, service_role;
grant select on table public.sweep_cursors to service_role;

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
revoke all on function public.advance_sweep_cursor(text, bigint) from public, anon, authenticated, service_role;
grant execute on function public.advance_sweep_cursor(text, bigint) to service_role;
