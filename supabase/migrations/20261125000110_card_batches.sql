-- Cards sold on paper: made in batches, without a purchase. They live like bought ones from their first redemption on;
-- no money came through Stripe for them, so none goes back through it: a batch card ends by being revoked.

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
  add column batch_id uuid references public.card_batches (id),
  add constraint cards_come_from_one_source check (pg_catalog.num_nonnulls(purchase_id, batch_id) = 1);
create index time_cards_batch_id_idx on public.time_cards (batch_id) where batch_id is not null;

alter table public.card_batches enable row level security;
revoke all on table public.card_batches from public, anon, authenticated, service_role;
grant select on table public.card_batches to authenticated, service_role;
create policy "Staff sees the batches of cards" on public.card_batches
  for select to authenticated using ((select app.caller_kind()) = 'staff');

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
    insert into public.time_cards
      (batch_id, tier_id, tier_name, price_cents, currency, paid_seconds, bonus_seconds,
       paid_available_seconds, bonus_available_seconds)
    values (v_batch.id, v_tier.id, v_tier.name, v_tier.price_cents, v_tier.currency, v_tier.paid_seconds,
       v_tier.bonus_seconds, v_tier.paid_seconds, v_tier.bonus_seconds)
    returning id into v_card_id;
    insert into public.ledger_entries
      (card_id, kind, from_bucket, to_bucket, paid_seconds, bonus_seconds, idempotency_key)
    values (v_card_id, 'bought', 'outside', 'available', v_tier.paid_seconds, v_tier.bonus_seconds, 'bought:' || v_card_id);
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

revoke all on function app.batch_json(public.card_batches), public.issue_card_batch(uuid, text, jsonb, text, uuid),
  public.get_card_batch(uuid, uuid), public.revoke_card(uuid, text)
  from public, anon, authenticated, service_role;
grant execute on function public.issue_card_batch(uuid, text, jsonb, text, uuid), public.get_card_batch(uuid, uuid)
  to service_role;
grant execute on function public.revoke_card(uuid, text) to authenticated, service_role;
