-- What belongs to a customer beside time (memories, support tickets), and wallets that become one: "save to my account",
-- or two walk-up wallets of one person. Promise of a merge: afterwards the old wallet holds nothing and opens nothing,
-- and whoever still holds its id is led to the new one.

create table public.memories (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.users (id) on delete cascade,
  content text not null check (char_length(content) between 1 and 2000),
  consented_at timestamptz not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);
comment on table public.memories is 'What a customer allowed the assistant to remember.';
create index memories_user_id_idx on public.memories (user_id);
create index memories_expires_at_idx on public.memories (expires_at);

create table public.support_tickets (
  id uuid primary key default gen_random_uuid(),
  user_id uuid references public.users (id),
  kiosk_id uuid references public.kiosks (id),
  voice_session_id uuid references public.voice_sessions (id),
  subject text not null check (char_length(subject) between 1 and 200),
  body text not null default '' check (char_length(body) <= 8000),
  status text not null default 'open' check (status in ('open', 'answered', 'closed')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.support_tickets is 'Questions and complaints, and the talk they are about.';
create index support_tickets_user_id_idx on public.support_tickets (user_id);
create index support_tickets_kiosk_id_idx on public.support_tickets (kiosk_id);
create index support_tickets_voice_session_id_idx on public.support_tickets (voice_session_id);
create index support_tickets_status_created_at_idx on public.support_tickets (status, created_at desc);

create function public.merge_wallet(p_from_user_id uuid, p_into_user_id uuid) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_from public.users;
  v_into public.users;
  v_card_ids uuid[];
  v_retired integer;
  v_facts jsonb;
begin
  perform app.require_service();
  if p_from_user_id is null or p_into_user_id is null or p_from_user_id = p_into_user_id then
    raise exception using errcode = 'P0001', message = 'invalid_request', hint = 'Name two different wallets.';
  end if;
  -- The lock of redeem_code: a code is redeemed either before the merge or after it.
  perform pg_catalog.pg_advisory_xact_lock(722100401);
  perform from public.users as u where u.id in (p_from_user_id, p_into_user_id) order by u.id for no key update;
  select u.* into v_from from public.users as u where u.id = p_from_user_id;
  select u.* into v_into from public.users as u where u.id = p_into_user_id;
  if v_from.id is null or v_into.id is null then
    raise exception using errcode = 'P0001', message = 'user_unknown';
  end if;
  if v_from.merged_into = v_into.id then
    return pg_catalog.jsonb_build_object('fromUserId', v_from.id, 'intoUserId', v_into.id, 'movedCards', 0,
      'retiredCodes', 0, 'availableSeconds', app.available_seconds(v_into.id), 'repeated', true);
  end if;
  if v_from.merged_into is not null or v_into.merged_into is not null then
    raise exception using errcode = 'P0001', message = 'wallet_merged', hint = 'This wallet was merged before.';
  end if;
  if v_from.auth_user_id is not null then
    raise exception using errcode = 'P0001', message = 'wallet_of_account', hint = 'Only a walk-up wallet is merged away.';
  end if;
  if app.held_seconds(v_from.id) + app.held_seconds(v_into.id) > 0 then
    raise exception using errcode = 'P0001', message = 'time_is_leased',
      hint = 'End the talk, or wait until its kiosk has reported.';
  end if;
  with moved as (
    update public.time_cards as c set user_id = v_into.id where c.user_id = v_from.id returning c.id
  )
  select coalesce(pg_catalog.array_agg(m.id), '{}') into v_card_ids from moved as m;
  v_retired := app.retire_codes(v_into.id, v_card_ids);
  -- What a customer sees of the own past goes along. Ledger and leases stay as they were written.
  update public.payment_history as h set user_id = v_into.id where h.user_id = v_from.id;
  update public.voice_sessions as v set user_id = v_into.id where v.user_id = v_from.id;
  update public.memories as m set user_id = v_into.id where m.user_id = v_from.id;
  update public.support_tickets as t set user_id = v_into.id where t.user_id = v_from.id;
  -- A kiosk that once had the old wallet open must not reach the new one by it.
  delete from public.visit_grants as g where g.user_id = v_from.id;
  update public.users as u set merged_into = v_into.id where u.id = v_from.id or u.merged_into = v_from.id;
  v_facts := pg_catalog.jsonb_build_object('fromUserId', v_from.id, 'intoUserId', v_into.id,
    'movedCards', pg_catalog.cardinality(v_card_ids), 'retiredCodes', v_retired,
    'availableSeconds', app.available_seconds(v_into.id));
  perform app.audit('wallet_merged', v_from.id::text, v_facts);
  return v_facts || '{"repeated":false}';
end
$$;
comment on function public.merge_wallet(uuid, uuid) is
  'Moves all that a walk-up wallet holds into another wallet, once. Into an account, its codes are retired. The relay calls it for who proved both: the code of the one, the account of the other.';

alter table public.memories enable row level security;
alter table public.support_tickets enable row level security;
revoke all on table public.memories, public.support_tickets from public, anon, authenticated, service_role;
grant select on table public.memories, public.support_tickets to service_role;
-- The relay and an administrator's tools change what is no money.
grant insert, update, delete on public.memories, public.support_tickets to service_role;
grant select, delete on public.memories to authenticated;
grant select, insert (user_id, voice_session_id, subject, body), update (status, updated_at)
  on public.support_tickets to authenticated;
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

revoke all on function public.merge_wallet from public, anon, authenticated, service_role;
grant execute on function public.merge_wallet to service_role;
