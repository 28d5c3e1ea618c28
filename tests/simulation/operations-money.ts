/** What customers, Stripe, the relay and the operator do with money, cards and codes. */
import { total } from './books/cards.ts';
import type { Question } from './questions.ts';
import { PACKAGE_IDS } from './server.ts';
import { must } from './violation.ts';
import type { Sale, StripeEvent, World } from './world.ts';

export async function buy(world: World): Promise<void> {
  const { random, desk } = world;
  const station = world.station();
  const tierId = random.oneOf(...PACKAGE_IDS);
  const offer = world.packages.find(({ id }) => id === tierId);
  must(offer !== undefined, 'no such package', tierId);
  const visit = random.chance(0.6) ? world.visitAt(station) : undefined;
  const purchase = {
    purchaseId: random.uuid(),
    tierId,
    kioskId: visit || random.chance(0.8) ? station.device.kioskId : null,
    visitId: visit?.visitId ?? random.uuid(),
    userId: visit?.userId ?? null,
  };
  world.note(`buys ${tierId} at ${station.name} for ${visit ? 'an open wallet' : 'nobody yet'}`);
  const reply = await world.ask(desk.createPurchase(purchase));
  if (random.chance(0.1)) await world.ask(desk.createPurchase(purchase));
  if (!reply.ok) return;
  const { purchaseId } = purchase;
  world.sales.push({
    purchaseId,
    tierId,
    paymentIntentId: `pi_${purchaseId}`,
    priceCents: offer.priceCents,
    lookup: purchaseId.replaceAll('-', '').repeat(2),
    paid: false,
    refundedCents: 0,
  });
  if (visit && station.talk?.userId === visit.userId && random.chance(0.5)) {
    station.talk.setPaymentPending(true);
  }
}

export async function pay(world: World): Promise<void> {
  const sale = world.random.pick(world.sales.slice(-12).filter((one) => !one.paid));
  if (!sale) return;
  sale.paid = true;
  world.note(`pays ${sale.tierId}`);
  await tell(world, fulfilment(world, sale));
  for (const { talk } of world.stations) {
    if (world.random.chance(0.7)) talk?.setPaymentPending(false);
    if (world.random.chance(0.5)) talk?.refresh();
  }
}

export async function decline(world: World): Promise<void> {
  const sale = world.random.pick(world.sales.slice(-12));
  if (!sale) return;
  const status = world.random.oneOf('pending' as const, 'processing', 'failed', 'expired');
  world.note(`a decline: ${status}${sale.paid ? ', long after it was paid' : ''}`);
  await world.ask(world.desk.failPurchase(sale.purchaseId, status));
}

/** A wrong amount, or a payment of another purchase. */
export async function forge(world: World): Promise<void> {
  const sale = world.random.pick(world.sales.slice(-12));
  if (!sale) return;
  const { purchaseId, lookup, priceCents, paymentIntentId } = sale;
  const lie = world.random.oneOf(
    { amountCents: priceCents - 1, paymentIntentId },
    { amountCents: priceCents * 10, paymentIntentId },
  );
  world.note(`somebody says that ${lie.amountCents} cents were paid`);
  await world.ask(world.desk.fulfil(sale.tierId, { purchaseId, lookup, ...lie }));
}

/** A refund, in part or whole, or a dispute lost. */
export async function giveBack(world: World): Promise<void> {
  const { random, desk } = world;
  const sale = random.pick(
    world.sales.slice(-25).filter((one) => one.paid && one.refundedCents < one.priceCents),
  );
  if (!sale) return;
  const leftCents = sale.priceCents - sale.refundedCents;
  const reason = random.oneOf('requested_by_customer', 'dispute_lost');
  const isPart = reason !== 'dispute_lost' && random.chance(0.6);
  const amountCents = isPart ? random.int(1, leftCents) : leftCents;
  sale.refundedCents += amountCents;
  world.note(`${amountCents} of ${sale.priceCents} cents go back: ${reason}`);
  const entry = { paymentIntentId: sale.paymentIntentId, refundId: `re_${random.uuid()}`, amountCents };
  await tell(world, desk.refund(entry, reason));
}

/** Stripe tells something: at once, twice, twice at the same time, or not until the sweep. */
async function tell(world: World, question: Question): Promise<void> {
  const { random } = world;
  const event = { eventId: `evt_${random.uuid()}`, question };
  world.events.push(event);
  const how = random.int(1, 10);
  if (how <= 2) return world.note('the webhook is lost');
  if (how === 3) {
    world.note('webhook and polling at the same time');
    await world.desk.race(question, question);
    return;
  }
  await deliver(world, event);
  if (how === 4) await deliver(world, event);
}

/** As the relay does: stored, worked off, marked; it may die before the mark. */
async function deliver(world: World, event: StripeEvent): Promise<void> {
  const stored = await world.ask(world.desk.storeEvent(event.eventId));
  const isDone = stored.ok && (stored.value as { processed: boolean }).processed;
  if (isDone && world.random.chance(0.8)) return;
  const reply = await world.ask(event.question);
  if (reply.ok && world.random.chance(0.9)) await world.ask(world.desk.finishEvent(event.eventId));
}

/** What the inbox does not know as done is done now, in any order. */
export async function sweep(world: World, limit = 10): Promise<void> {
  const waiting = world.events.filter((event) => world.desk.state.inbox.get(event.eventId) !== true);
  world.note(`the sweep finds ${waiting.length} events`);
  for (const event of waiting.slice(-limit)) await deliver(world, event);
}

/** An old event comes once more. */
export async function redeliver(world: World): Promise<void> {
  const event = world.random.pick(world.events);
  if (!event) return;
  world.note('an old webhook comes again');
  await world.ask(event.question);
}

export async function redeem(world: World): Promise<void> {
  const { random } = world;
  const station = world.station();
  if (!station.door.isLinked) return;
  const visit = random.chance(0.4) ? world.visitAt(station) : undefined;
  const lookup = codeToTry(world);
  const visitId = visit?.visitId ?? random.uuid();
  const redemption = { lookup, kioskId: station.device.kioskId, visitId, userId: visit?.userId ?? null };
  world.note(`a code at ${station.name}${visit ? ' for the open wallet' : ''}`);
  const reply = await world.ask(world.desk.redeem(redemption));
  const value = reply.ok ? (reply.value as { ok: boolean; userId: string }) : { ok: false, userId: '' };
  if (!value.ok) return;
  station.visits.push({ userId: value.userId, visitId });
  if (station.visits.length > 4) station.visits.shift();
}

/** Mostly a code that was not used yet, or one of a wallet that is in use; now and then a wrong one. */
function codeToTry(world: World): string {
  const { random, desk } = world;
  if (random.chance(0.08)) return 'f'.repeat(64);
  const cards = [...desk.state.cards.values()].slice(-40);
  const fresh = cards.filter((card) => card.status === 'issued');
  const active = cards.filter((card) => card.status === 'active');
  const card = random.pick(fresh.length > 0 && random.chance(0.6) ? fresh : active) ?? random.pick(cards);
  return card?.lookup ?? 'f'.repeat(64);
}

export async function deduct(world: World): Promise<void> {
  const { random, deductions } = world;
  const again = random.chance(0.3) ? random.pick(deductions.slice(-5)) : undefined;
  const userId = random.pick(world.wallets());
  if (!again && userId === undefined) return;
  const entry = again ?? { userId: userId ?? '', minutes: random.int(1, 4), requestId: random.uuid() };
  if (!again) deductions.push(entry);
  world.note(`${entry.minutes} minutes are deducted${again ? ' under an old request id' : ''}`);
  await world.ask(world.desk.deduct(entry.userId, entry.minutes, entry.requestId));
}

/** Two wallets become one: those of two walk-ups, or a walk-up's and an account's. */
export async function mergeWallets(world: World): Promise<void> {
  const { random, desk } = world;
  const wallets = world.wallets().slice(-12);
  const from = random.pick(wallets);
  if (from === undefined) return;
  const into = random.chance(0.4) ? await openAccount(world) : (random.pick(wallets) ?? from);
  world.note(`wallet ${from} is saved to ${into}`);
  await world.ask(desk.merge(from, into));
  if (random.chance(0.3)) await world.ask(desk.merge(from, into));
}

/** Somebody signs up: an account has a wallet of its own from the start. */
async function openAccount(world: World): Promise<string> {
  const userId = world.random.uuid();
  await world.sql(
    `insert into auth.users (id, email, email_confirmed_at) values ('${userId}', '${userId}@example.com', now())`,
  );
  world.desk.state.wallets.set(userId, null);
  world.desk.state.accounts.add(userId);
  return userId;
}

export async function revokeCard(world: World): Promise<void> {
  const card = world.random.pick([...world.desk.state.cards.values()].slice(-20));
  if (!card) return;
  world.note(`a card is revoked: ${card.status}`);
  await world.ask(world.desk.revokeCard(card.cardId));
}

/** A card comes near its end, in the middle of whatever is going on. */
export async function ageCard(world: World): Promise<void> {
  const active = [...world.desk.state.cards.values()].filter((card) => card.status === 'active');
  const held = active.filter((card) => total(card.at.held) > 0);
  const card =
    (world.random.chance(0.7) ? world.random.pick(held) : null) ?? world.random.pick(active.slice(-20));
  if (!card) return;
  card.expiresAtUs = (world.nowMs + world.random.int(-5, 90) * 1_000) * 1_000 + world.random.int(0, 999);
  world.note(`card ${card.cardId} ends in ${Math.round(card.expiresAtUs / 1e6 - world.nowMs / 1e3)} s`);
  await world.sql(
    `update public.time_cards set expires_at = to_timestamp(${Math.floor(card.expiresAtUs / 1e6)}) + interval '${card.expiresAtUs % 1e6} microseconds' where id = '${card.cardId}'`,
  );
}

export async function cleanUp(world: World): Promise<void> {
  if (world.random.chance(0.5)) await world.pass(world.random.int(1, 40));
  world.note('expired cards are booked');
  await world.ask(world.desk.cleanUp());
}

function fulfilment(world: World, sale: Sale): Question {
  const { purchaseId, paymentIntentId, lookup, priceCents } = sale;
  return world.desk.fulfil(sale.tierId, { purchaseId, paymentIntentId, lookup, amountCents: priceCents });
}
