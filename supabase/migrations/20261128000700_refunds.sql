-- Money given back (refunds, disputes lost) takes back unused time, once.

create function app.refundable_cents(p_price_cents integer, p_unused_seconds integer, p_paid_seconds integer)
returns integer
language sql immutable strict
set search_path = ''
as $$
  select (p_price_cents::bigint * p_unused_seconds / p_paid_seconds)::integer
$$;
comment on function app.refundable_cents(integer, integer, integer) is
  'What a refund by the rule gives: floor(price × unused paid seconds / paid seconds).';

create function app.refund_json(p_refund public.payment_history, p_repeated boolean) returns jsonb
language sql stable
set search_path = ''
as $$
  select pg_catalog.jsonb_build_object(
    'refundId', p_refund.refund_id, 'purchaseId', p_refund.purchase_id, 'cardId', p_refund.card_id,
    'amountCents', p_refund.amount_cents, 'refundedSeconds', p_refund.refunded_seconds,
    'owedSeconds', p_refund.owed_seconds, 'voidedBonusSeconds', p_refund.voided_bonus_seconds, 'repeated', p_repeated)
$$;

create function public.refund_payment(p_payment_intent_id text, p_refund_id text, p_amount_cents integer, p_reason text)
returns jsonb
language plpgsql security definer
set search_path = ''
as $$
declare
  v_purchase public.purchases;
  v_card public.time_cards;
  v_refund public.payment_history;
  v_covered integer;
  v_taken integer;
  v_owed integer;
  v_void integer := 0;
  v_by_rule boolean;
begin
  perform app.require_service();
  if p_amount_cents is null or p_amount_cents <= 0 or p_refund_id is null then
    raise exception using errcode = 'P0001', message = 'invalid_amount';
  end if;
  select p.* into v_purchase from public.purchases as p where p.payment_intent_id = p_payment_intent_id;
  if v_purchase.id is null then
    raise exception using errcode = 'P0001', message = 'purchase_unknown';
  end if;
  select c.* into v_card from public.time_cards as c where c.purchase_id = v_purchase.id;
  if v_card.id is null then
    raise exception using errcode = 'P0001', message = 'purchase_not_paid', hint = 'Fulfil the payment first.';
  end if;
  v_card := app.lock_card(v_card.id);
  select h.* into v_refund from public.payment_history as h where h.refund_id = p_refund_id;
  if v_refund.id is not null then
    if v_refund.purchase_id <> v_purchase.id or v_refund.amount_cents <> p_amount_cents then
      raise exception using errcode = 'P0001', message = 'refund_differs';
    end if;
    return app.refund_json(v_refund, true);
  end if;
  if v_card.status = 'active' and v_card.expires_at <= pg_catalog.clock_timestamp() then
    perform app.expire_card(v_card.id);
    select c.* into v_card from public.time_cards as c where c.id = v_card.id;
  end if;
  -- The money given back covers so many paid seconds, rounded up. What is unused of them goes at once, what a lease
  -- holds when it lets go, what is spent or expired never.
  v_covered := least(v_card.paid_seconds,
    ceil(p_amount_cents::numeric * v_card.paid_seconds / v_card.price_cents))::integer;
  v_by_rule := p_amount_cents >= app.refundable_cents(v_card.price_cents, v_card.paid_available_seconds, v_card.paid_seconds);
  v_taken := case when v_by_rule then v_card.paid_available_seconds else least(v_covered, v_card.paid_available_seconds) end;
  v_owed := least(v_card.paid_held_seconds - v_card.refund_owed_seconds, greatest(0, v_covered - v_taken));
  v_owed := greatest(0, v_owed);
  perform app.move_seconds(v_card.id, 'refunded', 'available', 'refunded', v_taken, 0, 'refund:' || p_refund_id);
  if v_by_rule then
    v_void := v_card.bonus_available_seconds;
    perform app.move_seconds(v_card.id, 'written_off', 'available', 'written_off', 0, v_void, 'refund:' || p_refund_id || ':bonus');
  end if;
  update public.time_cards as c
  set refund_owed_seconds = c.refund_owed_seconds + v_owed, bonus_void = c.bonus_void or v_by_rule
  where c.id = v_card.id;
  perform app.close_refunded_card(v_card.id);
  insert into public.payment_history
    (user_id, purchase_id, card_id, kind, amount_cents, currency, payment_intent_id, refund_id, reason, livemode,
     refunded_seconds, owed_seconds, voided_bonus_seconds)
  values (v_card.user_id, v_purchase.id, v_card.id, 'refund', p_amount_cents, v_purchase.currency, p_payment_intent_id,
    p_refund_id, left(p_reason, 200), v_purchase.livemode, v_taken, v_owed, v_void)
  returning * into v_refund;
  if v_by_rule then
    update public.purchases as p set status = 'refunded', updated_at = pg_catalog.clock_timestamp() where p.id = v_purchase.id;
  end if;
  perform app.audit('payment_refunded', v_purchase.id::text, app.refund_json(v_refund, false));
  return app.refund_json(v_refund, false);
end
$$;
comment on function public.refund_payment(text, text, integer, text) is
  'Takes back what is unused of a card whose money was given back (refund, dispute lost); once per refund id.';

revoke all on function app.refundable_cents, app.refund_json, public.refund_payment from public, anon,
  authenticated, service_role;
grant execute on function public.refund_payment to service_role;
