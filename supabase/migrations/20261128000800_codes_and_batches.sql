-- Redeeming the code of a card, and cards sold on paper.

create table public.redeem_attempts (
  id bigint generated always as identity primary key,
  kiosk_id uuid not null references public.kiosks (id),
  visit_id uuid not null,
  accepted boolean not null,
  at timestamptz not null default clock_timestamp()
);
comment on table public.redeem_attempts is
  'Tries of codes, for the limits; the codes themselves are not kept.';
create index redeem_attempts_wrong_idx on public.redeem_attempts (at) where not accepted;
create index redeem_attempts_kiosk_id_idx on public.redeem_attempts (kiosk_id, at);

create function app.lock_card_for(p_card_id uuid, p_user_id uuid) returns public.time_cards
language plpgsql
set search_path = ''
as $$
begin
  -- Two wallets may be meant, the card's and the visit's: by the order of their ids.
  perform from public.users as u
  where u.id = p_user_id or u.id = (select c.user_id from public.time_cards as c where c.id = p_card_id)
  order by u.id for no key update;
  return app.lock_card(p_card_id);
end
$$;

create function app.open_card(p_card public.time_cards, p_user_id uuid) returns uuid
language plpgsql
set search_path = ''
as $$
declare
  v_user_id uuid := p_user_id;
begin
  -- Returns the wallet to open, activating a new card in it; null when the code is worth nothing.
  if p_card.status = 'issued' then
    if v_user_id is null then
      insert into public.users default values returning id into v_user_id;
    end if;
    perform app.activate_card(p_card.id, v_user_id);
    return v_user_id;
  elsif p_card.status = 'active' and p_card.expires_at > pg_catalog.clock_timestamp()
    and app.available_seconds(p_card.user_id) + app.held_seconds(p_card.user_id) > 0 then
    return p_card.user_id;
  end if;
  return null;
end
$$;

create function public.redeem_code(
  p_lookups text[], p_kiosk_id uuid, p_visit_id uuid, p_user_id uuid default null
) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_since timestamptz;
  v_card_id uuid;
  v_card public.time_cards;
  v_user_id uuid;
begin
  perform app.require_service();
  perform app.require_kiosk(p_kiosk_id);
  if p_visit_id is null then
    raise exception using errcode = 'P0001', message = 'invalid_request';
  end if;
  -- One at a time, so that the limits are exact: nobody gets extra tries by asking at once.
  perform pg_catalog.pg_advisory_xact_lock(722100401);
  v_since := pg_catalog.clock_timestamp() - interval '10 minutes';
  if (select count(*) >= 10 from public.redeem_attempts as a
      where not a.accepted and a.at > v_since and a.kiosk_id = p_kiosk_id)
    or (select count(*) >= 100 from public.redeem_attempts as a where not a.accepted and a.at > v_since)
  then
    return '{"ok":false,"error":"too_many_tries"}'::jsonb;
  end if;
  -- A kiosk may add a card only to a wallet that is open at it: else buying one would open anybody's.
  if p_user_id is not null and not app.has_grant(p_user_id, p_kiosk_id) then
    perform app.raise_no_grant();
  end if;
  select k.card_id into v_card_id from public.card_codes as k
  where k.lookup = any (p_lookups) and k.retired_at is null order by k.created_at limit 1;
  if v_card_id is not null then
    v_card := app.lock_card_for(v_card_id, p_user_id);
    v_user_id := app.open_card(v_card, p_user_id);
  end if;
  insert into public.redeem_attempts (kiosk_id, visit_id, accepted) values (p_kiosk_id, p_visit_id, v_user_id is not null);
  if v_user_id is null then
    return '{"ok":false,"error":"code_not_accepted"}'::jsonb;
  end if;
  perform app.grant_visit(v_user_id, p_kiosk_id, p_visit_id);
  return pg_catalog.jsonb_build_object('ok', true, 'userId', v_user_id, 'cardId', v_card.id,
    'outcome', case when v_card.status = 'issued' then 'activated' else 'opened' end);
end
$$;
comment on function public.redeem_code(text[], uuid, uuid, uuid) is
  'Opens the wallet behind a code for one visit, activating a new card. One answer for every code worth nothing.';

-- Cards on paper: made in batches, without a purchase. They live like bought ones from their first redemption on; no
-- money came through Stripe for them, so none goes back through it: a batch card ends by being revoked.

create table public.card_batches (
  id uuid primary key,
  tier_id text not null references public.pricing_tiers (id),
  tier_name text not null,
  card_count integer not null check (card_count between 1 and 500),
  note text not null default '' check (char_length(note) <= 500),
  -- The account of the member of staff who asked for it.
  issued_by uuid,
  created_at timestamptz not null default now()
);
comment on table public.card_batches is 'Time cards issued without a purchase, to be sold on paper.';
create index card_batches_tier_id_idx on public.card_batches (tier_id);
create index card_batches_created_at_idx on public.card_batches (created_at desc);

alter table public.time_cards
  add constraint time_cards_batch_id_fkey foreign key (batch_id) references public.card_batches (id);

create function app.batch_json(p_batch public.card_batches) returns jsonb
language sql stable
set search_path = ''
as $$
  -- A code that was used is its holder's key to a wallet: nobody else gets what it is made of.
  select pg_catalog.jsonb_build_object(
    'batchId', p_batch.id, 'tierId', p_batch.tier_id, 'tierName', p_batch.tier_name, 'note', p_batch.note,
    'issuedBy', p_batch.issued_by, 'createdAt', app.iso(p_batch.created_at),
    'cards', pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'cardId', c.id, 'status', c.status, 'paidSeconds', c.paid_seconds, 'bonusSeconds', c.bonus_seconds,
      'priceCents', c.price_cents, 'currency', c.currency,
      'codeNonce', case when c.status = 'issued' then k.nonce end,
      'codeKeyId', case when c.status = 'issued' then k.key_id end) order by c.id))
  from public.time_cards as c join public.card_codes as k on k.card_id = c.id
  where c.batch_id = p_batch.id
$$;

create function public.issue_card_batch(
  p_batch_id uuid, p_tier_id text, p_cards jsonb, p_note text, p_issued_by uuid default null
) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_count integer;
  v_tier public.pricing_tiers;
  v_batch public.card_batches;
  v_new record;
  v_card_id uuid;
begin
  perform app.require_service();
  v_count := case pg_catalog.jsonb_typeof(p_cards) when 'array' then pg_catalog.jsonb_array_length(p_cards) else 0 end;
  if p_batch_id is null or v_count not between 1 and 500 then
    raise exception using errcode = 'P0001', message = 'invalid_amount', hint = 'Issue 1 to 500 cards.';
  end if;
  select t.* into v_tier from public.pricing_tiers as t where t.id = p_tier_id;
  if v_tier.id is null then
    raise exception using errcode = 'P0001', message = 'package_unknown';
  end if;
  insert into public.card_batches (id, tier_id, tier_name, card_count, note, issued_by)
  values (p_batch_id, v_tier.id, v_tier.name, v_count, coalesce(p_note, ''), p_issued_by)
  on conflict (id) do nothing returning * into v_batch;
  if v_batch.id is null then
    -- Asked again: the cards of the first time.
    select b.* into strict v_batch from public.card_batches as b where b.id = p_batch_id;
    if v_batch.tier_id <> p_tier_id or v_batch.card_count <> v_count then
      raise exception using errcode = 'P0001', message = 'batch_differs',
        hint = 'This batch id was used for another batch.';
    end if;
    return app.batch_json(v_batch);
  end if;
  for v_new in
    select e.value ->> 'nonce' as nonce, e.value ->> 'keyId' as key_id, e.value ->> 'lookup' as lookup
    from pg_catalog.jsonb_array_elements(p_cards) as e
  loop
    v_card_id := app.new_card(null, v_batch.id, v_tier.id, v_tier.name, v_tier.price_cents, v_tier.currency,
      v_tier.paid_seconds, v_tier.bonus_seconds);
    insert into public.card_codes (card_id, lookup, nonce, key_id)
    values (v_card_id, v_new.lookup, v_new.nonce, v_new.key_id);
  end loop;
  perform app.audit('card_batch_issued', v_batch.id::text, pg_catalog.jsonb_build_object(
    'tierId', v_tier.id, 'cards', v_count, 'note', v_batch.note, 'issuedBy', p_issued_by));
  return app.batch_json(v_batch);
end
$$;
comment on function public.issue_card_batch(uuid, text, jsonb, text, uuid) is
  'Makes cards to be sold on paper from [{nonce, keyId, lookup}], once per batch id; the relay asks for staff first.';

create function public.get_card_batch(p_batch_id uuid, p_asked_by uuid) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_batch public.card_batches;
begin
  perform app.require_service();
  select b.* into v_batch from public.card_batches as b where b.id = p_batch_id;
  if v_batch.id is null then
    return null;
  end if;
  perform app.audit('card_batch_shown', v_batch.id::text, pg_catalog.jsonb_build_object('askedBy', p_asked_by));
  return app.batch_json(v_batch);
end
$$;
comment on function public.get_card_batch(uuid, uuid) is
  'A batch with what its unused codes are made of, null when there is none; each look is noted.';

create function public.revoke_card(p_card_id uuid, p_reason text) returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_card public.time_cards;
  v_seconds integer;
begin
  perform app.require_staff();
  v_card := app.lock_card(p_card_id);
  if v_card.id is null then
    raise exception using errcode = 'P0001', message = 'card_unknown';
  end if;
  if v_card.status not in ('issued', 'active') then
    if v_card.status <> 'revoked' then
      raise exception using errcode = 'P0001', message = 'card_ended', detail = format('This card is %s.', v_card.status);
    end if;
    return pg_catalog.jsonb_build_object('cardId', v_card.id, 'writtenOffSeconds', 0, 'repeated', true);
  end if;
  v_seconds := v_card.paid_available_seconds + v_card.bonus_available_seconds;
  perform app.move_seconds(v_card.id, 'written_off', 'available', 'written_off', v_card.paid_available_seconds,
    v_card.bonus_available_seconds, 'revoked:' || v_card.id);
  update public.time_cards as c set status = 'revoked' where c.id = v_card.id;
  perform app.audit('card_revoked', v_card.id::text, pg_catalog.jsonb_build_object(
    'reason', p_reason, 'writtenOffSeconds', v_seconds,
    'heldSeconds', v_card.paid_held_seconds + v_card.bonus_held_seconds));
  return pg_catalog.jsonb_build_object('cardId', v_card.id, 'writtenOffSeconds', v_seconds, 'repeated', false);
end
$$;
comment on function public.revoke_card(uuid, text) is
  'Staff ends a card: what is left is written off, its code opens nothing. A running lease keeps what it holds to its end.';

-- No policy on attempts: nobody but the relay reads them.
alter table public.redeem_attempts enable row level security;
alter table public.card_batches enable row level security;
revoke all on table public.redeem_attempts, public.card_batches from public, anon, authenticated, service_role;
grant select on table public.redeem_attempts, public.card_batches to service_role;
grant select on public.card_batches to authenticated;
create policy "Staff sees the batches of cards" on public.card_batches
  for select to authenticated using ((select app.caller_kind()) = 'staff');

revoke all on function app.lock_card_for, app.open_card, public.redeem_code, app.batch_json,
  public.issue_card_batch, public.get_card_batch, public.revoke_card from public, anon, authenticated, service_role;
grant execute on function public.revoke_card to authenticated, service_role;
grant execute on function public.redeem_code, public.issue_card_batch, public.get_card_batch to service_role;
