-- Who sees what, and who may call what. Nothing is granted by default: neither to PUBLIC nor by the defaults that some
-- Supabase projects set for new tables and functions. Balances, leases and the ledger change only through functions.

do $$
declare
  v_table name;
begin
  foreach v_table in array array[
    'users', 'kiosks', 'pricing_tiers', 'purchases', 'time_cards', 'card_codes', 'payment_history', 'visit_grants',
    'leases', 'lease_steps', 'lease_allocations', 'ledger_entries', 'voice_sessions', 'kiosk_streams',
    'usage_batches', 'usage_parked', 'webhook_inbox', 'redeem_attempts', 'memories', 'support_tickets', 'audit_log'
  ] loop
    execute format('alter table public.%I enable row level security', v_table);
    execute format('revoke all on table public.%I from public, anon, authenticated, service_role', v_table);
    execute format('grant select on table public.%I to service_role', v_table);
  end loop;
end
$$;

-- The relay and an administrator's tools change what is no money.
grant insert, update, delete on public.memories, public.support_tickets to service_role;
grant insert, update on public.pricing_tiers to service_role;

grant select on public.pricing_tiers to anon, authenticated;
grant insert, update on public.pricing_tiers to authenticated;
grant select on public.users, public.time_cards, public.purchases, public.payment_history, public.leases,
  public.ledger_entries, public.voice_sessions, public.kiosks, public.kiosk_streams, public.usage_parked,
  public.audit_log to authenticated;
grant select, delete on public.memories to authenticated;
grant select on public.support_tickets to authenticated;
grant insert (user_id, voice_session_id, subject, body) on public.support_tickets to authenticated;
grant update (status, updated_at) on public.support_tickets to authenticated;

create policy "Everybody sees the packages on sale, staff all of them" on public.pricing_tiers
  for select to anon, authenticated using (active or (select app.caller_kind()) = 'staff');
create policy "Staff adds packages" on public.pricing_tiers
  for insert to authenticated with check ((select app.caller_kind()) = 'staff');
create policy "Staff edits packages" on public.pricing_tiers
  for update to authenticated using ((select app.caller_kind()) = 'staff')
  with check ((select app.caller_kind()) = 'staff');

create policy "Customers see their own wallet, staff every one" on public.users
  for select to authenticated
  using (id = (select app.caller_user_id()) or (select app.caller_kind()) = 'staff');
create policy "Customers see their own cards, staff every one" on public.time_cards
  for select to authenticated
  using (user_id = (select app.caller_user_id()) or (select app.caller_kind()) = 'staff');
create policy "Staff sees purchases" on public.purchases
  for select to authenticated using ((select app.caller_kind()) = 'staff');
create policy "Customers see their own payments, staff every one" on public.payment_history
  for select to authenticated
  using (user_id = (select app.caller_user_id()) or (select app.caller_kind()) = 'staff');
create policy "Customers see their own leases, staff every one" on public.leases
  for select to authenticated
  using (user_id = (select app.caller_user_id()) or (select app.caller_kind()) = 'staff');
create policy "Customers see the ledger of their own cards, staff the whole" on public.ledger_entries
  for select to authenticated
  using (user_id = (select app.caller_user_id()) or (select app.caller_kind()) = 'staff');
create policy "Customers see their own talks, staff every one" on public.voice_sessions
  for select to authenticated
  using (user_id = (select app.caller_user_id()) or (select app.caller_kind()) = 'staff');
create policy "Staff sees kiosks" on public.kiosks
  for select to authenticated using ((select app.caller_kind()) = 'staff');
create policy "Staff sees how far usage has arrived" on public.kiosk_streams
  for select to authenticated using ((select app.caller_kind()) = 'staff');
create policy "Staff sees parked usage" on public.usage_parked
  for select to authenticated using ((select app.caller_kind()) = 'staff');
create policy "Staff reads the audit log" on public.audit_log
  for select to authenticated using ((select app.caller_kind()) = 'staff');

create policy "Customers see their own memories" on public.memories
  for select to authenticated using (user_id = (select app.caller_user_id()));
create policy "Customers have their own memories forgotten" on public.memories
  for delete to authenticated using (user_id = (select app.caller_user_id()));

create policy "Customers see their own tickets, staff every one" on public.support_tickets
  for select to authenticated
  using (user_id = (select app.caller_user_id()) or (select app.caller_kind()) = 'staff');
create policy "Customers write tickets of their own" on public.support_tickets
  for insert to authenticated
  with check (user_id = (select app.caller_user_id()) and (voice_session_id is null or exists (
    select from public.voice_sessions as v where v.id = voice_session_id)));
create policy "Staff answers tickets" on public.support_tickets
  for update to authenticated using ((select app.caller_kind()) = 'staff')
  with check ((select app.caller_kind()) = 'staff');

-- No policy on card_codes, visit_grants, lease_steps, lease_allocations, usage_batches, webhook_inbox,
-- redeem_attempts: nobody but the relay reads them.

do $$
declare
  v_function record;
begin
  for v_function in
    select p.oid::regprocedure as signature, n.nspname as schema, p.proname as name
    from pg_catalog.pg_proc as p join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
    where n.nspname = 'app' or (n.nspname = 'public' and p.proname in (
      'get_user_time_balance', 'deduct_user_time', 'cleanup_expired_time_cards', 'open_lease', 'extend_lease',
      'void_lease', 'settle_silent_leases', 'post_usage', 'list_packages', 'create_purchase',
      'set_purchase_checkout', 'get_purchase', 'find_purchase', 'fulfil_payment', 'fail_purchase', 'refund_payment',
      'redeem_code', 'enrol_kiosk', 'revoke_kiosk', 'store_webhook_event', 'finish_webhook_event',
      'pending_webhook_events', 'report_today', 'verify_ledger'))
  loop
    execute format('revoke all on function %s from public, anon, authenticated, service_role', v_function.signature);
  end loop;
end
$$;

-- Used by policies, so the readers of the tables must be able to ask.
grant execute on function app.is_service(), app.caller_kind(), app.caller_user_id() to anon, authenticated, service_role;

grant execute on function public.list_packages() to anon, authenticated, service_role;
grant execute on function public.get_user_time_balance(uuid) to authenticated, service_role;

-- Device accounts of kiosks.
grant execute on function public.open_lease(uuid, uuid, uuid, integer) to authenticated;
grant execute on function public.extend_lease(uuid, integer, integer) to authenticated;
grant execute on function public.post_usage(uuid, jsonb) to authenticated;

-- Staff; each of them asks for the kind of caller first.
grant execute on function public.report_today(text) to authenticated, service_role;
grant execute on function public.verify_ledger() to authenticated, service_role;
grant execute on function public.void_lease(uuid, text) to authenticated, service_role;
grant execute on function public.revoke_kiosk(uuid, text) to authenticated, service_role;

-- The relay.
grant execute on function public.deduct_user_time(uuid, integer, uuid) to service_role;
grant execute on function public.cleanup_expired_time_cards() to service_role;
grant execute on function public.settle_silent_leases() to service_role;
grant execute on function public.create_purchase(uuid, text, uuid, uuid, uuid, boolean, text) to service_role;
grant execute on function public.set_purchase_checkout(uuid, text, text, text, timestamptz) to service_role;
grant execute on function public.get_purchase(uuid) to service_role;
grant execute on function public.find_purchase(text, text, text) to service_role;
grant execute on function public.fulfil_payment(uuid, text, integer, text, boolean, text, text, text) to service_role;
grant execute on function public.fail_purchase(uuid, text, text) to service_role;
grant execute on function public.refund_payment(text, text, integer, text) to service_role;
grant execute on function public.redeem_code(text[], uuid, uuid, uuid) to service_role;
grant execute on function public.enrol_kiosk(uuid, uuid, text) to service_role;
grant execute on function public.store_webhook_event(text, text, timestamptz, boolean, jsonb) to service_role;
grant execute on function public.finish_webhook_event(text, text) to service_role;
grant execute on function public.pending_webhook_events(integer) to service_role;
