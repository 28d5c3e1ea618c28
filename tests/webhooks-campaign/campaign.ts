/**
 * The campaign: many payments at a real sandbox whose own webhooks are all lost, then every event sent to a real relay
 * duplicated, out of order, late, among forgeries, while the relay is killed now and then; a part is never sent and must
 * be found by the sweep. Promise: the same seed makes the same choices; the audit decides, not the answers.
 */
import type Stripe from 'stripe';
import { isOurEventType } from '../../src-relay/model/stripe-events.ts';
import { Random } from '../support/common/random.ts';
import { type RelayStack, startRelayStack } from '../support/relay/relay.ts';
import { until } from '../support/stripe/stripe-sandbox.ts';
import { type Audit, audit } from './audit.ts';
import { type Delivery, forged, genuine, Senders } from './deliveries.ts';
import { makePayments, payWrongAmount } from './payments.ts';

export interface CampaignOptions {
  deliveries: number;
  seed: number;
  say(line: string): void;
}

export interface CampaignResult extends Audit {
  deliveries: number;
  payments: number;
  forgedSent: number;
  forgedAccepted: number;
  /** Events that were only found by the sweep. */
  droppedEvents: number;
  relayKills: number;
}

const DELIVERIES_PER_PAYMENT = 100;
const MOST_PAYMENTS = 1_000;
const FEWEST_PAYMENTS = 12;
const FORGED_SHARE = 0.2;
const DROPPED_SHARE = 0.1;
const SENDERS = 40;
const AT_ONCE = 24;
/** How often the relay is killed, in the last third of the deliveries: at each start it sweeps. */
const KILLS = 3;
const PATIENCE_MS = 600_000;

export async function runCampaign({ deliveries, seed, say }: CampaignOptions): Promise<CampaignResult> {
  const random = new Random(seed);
  const stack = await startRelayStack();
  const senders = new Senders(SENDERS);
  try {
    // Stripe's own deliveries are lost, all of them: what arrives is what we send.
    await stack.sandbox.faults({ drop: '1000000' });
    const wanted = Math.round(deliveries / DELIVERIES_PER_PAYMENT);
    const count = Math.min(MOST_PAYMENTS, Math.max(FEWEST_PAYMENTS, wanted));
    const payments = await makePayments(stack, count, random, (done) => {
      if (done % 100 === 0) say(`${done} of ${count} payments made`);
    });
    const [unpaid] = payments.unpaidPurchaseIds;
    if (unpaid) await payWrongAmount(stack, unpaid);
    const events = (await allEvents(stack.sandbox.stripe)).filter(({ type }) => isOurEventType(type));
    const dropped = new Set(events.filter(() => random.next() < DROPPED_SHARE).map(({ id }) => id));
    say(`${events.length} events, ${dropped.size} of them never sent`);
    const sendable = events.filter(({ id }) => !dropped.has(id));
    const sent = await deliverAll({ stack, senders, random, say }, sendable, deliveries);
    say('deliveries done, waiting for the sweep of a relay that is started anew');
    await sweepAndSettle(stack, events);
    const result = await audit(stack, payments);
    return {
      ...result,
      ...sent,
      deliveries,
      payments: payments.paidPurchaseIds.length,
      droppedEvents: dropped.size,
    };
  } finally {
    senders.close();
    await stack.relay.stop();
    await stack.stop();
  }
}

async function allEvents(stripe: Stripe): Promise<Stripe.Event[]> {
  const events: Stripe.Event[] = [];
  for await (const event of stripe.events.list({ limit: 100 })) events.push(event);
  return events;
}

interface Sending {
  stack: RelayStack;
  senders: Senders;
  random: Random;
  say(line: string): void;
}

/** Sends `count` deliveries in a random order; each event at least once, many often. */
async function deliverAll(sending: Sending, events: readonly Stripe.Event[], count: number) {
  const { stack, senders, random, say } = sending;
  const plan = planOf(random, events, count);
  const killsAt = new Set(
    Array.from({ length: KILLS }, () => plan.length - 1 - random.int(0, Math.floor(plan.length / 3))),
  );
  let next = 0;
  let [forgedSent, forgedAccepted, relayKills] = [0, 0, 0];
  let restarting: Promise<void> | undefined;
  const worker = async () => {
    for (let index = next++; index < plan.length; index = next++) {
      const step = plan[index];
      if (!step) return;
      if (killsAt.has(index) && !restarting) {
        relayKills += 1;
        restarting = killRelay(stack).finally(() => {
          restarting = undefined;
        });
      }
      const status = await deliver(stack, senders, step.make);
      if (step.isForged) {
        forgedSent += 1;
        if (status < 300) forgedAccepted += 1;
      }
      if ((index + 1) % 10_000 === 0) say(`${index + 1} of ${plan.length} deliveries`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await restarting;
  return { forgedSent, forgedAccepted, relayKills };
}

interface Step {
  isForged: boolean;
  /** Signed when it is sent: a signature is good for five minutes. */
  make(): Delivery;
}

function planOf(random: Random, events: readonly Stripe.Event[], count: number): Step[] {
  const forgedCount = Math.round(count * FORGED_SHARE);
  const steps: Step[] = [];
  for (let index = 0; index < count; index += 1) {
    const isForged = index < forgedCount;
    const event = isForged ? random.one(events) : (events[index - forgedCount] ?? random.one(events));
    steps.push({ isForged, make: () => (isForged ? forged(event, random) : genuine(event)) });
  }
  return random.shuffled(steps);
}

/** Sends until it is answered for good, as Stripe does: a relay that is down, or busy, gets it again. */
async function deliver(stack: RelayStack, senders: Senders, make: () => Delivery): Promise<number> {
  for (;;) {
    const status = await senders.send(stack.relay.url, make());
    if (status !== 0 && status !== 429 && status < 500) return status;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function killRelay(stack: RelayStack): Promise<void> {
  const { relay } = stack;
  const port = Number(new URL(relay.url).port);
  await relay.crash();
  stack.relay = await stack.startRelay({ port, dataDir: relay.dataDir });
}

/** A relay that is started anew sweeps at once; everything is settled when the inbox is empty and complete. */
async function sweepAndSettle(stack: RelayStack, events: readonly Stripe.Event[]): Promise<void> {
  await killRelay(stack);
  const { admin } = stack.supabase.database;
  await until(async () => {
    const { rows } = await admin.query<{ event_id: string; done: boolean }>(
      'select event_id, processed_at is not null as done from public.webhook_inbox',
    );
    const done = new Set(rows.filter((row) => row.done).map((row) => row.event_id));
    return events.every(({ id }) => done.has(id)) && done.size === rows.length;
  }, PATIENCE_MS);
}
