/**
 * What is sent to the webhook: Stripe's own events signed as Stripe does, and forged ones. Each kind of forgery is
 * refused by its own rule of the relay.
 */
import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import Stripe from 'stripe';
import type { Random } from '../support/common/random.ts';
import { TEST_WEBHOOK_SECRET } from '../support/stripe/stripe-sandbox.ts';

const FORGERIES = [
  'unsigned',
  'otherSecret',
  'bodyChanged',
  'old',
  'future',
  'otherMode',
  'twoTimestamps',
] as const;
/** Beyond the five minutes that a signature is good for. */
const TOO_FAR_SECONDS = 400;

export interface Delivery {
  body: string;
  /** Undefined for none. */
  signature: string | undefined;
}

const nowSeconds = () => Math.floor(Date.now() / 1000);

function sign(payload: string, secret = TEST_WEBHOOK_SECRET, timestamp = nowSeconds()): string {
  return Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
}

/** An event as Stripe delivers it now. */
export function genuine(event: Stripe.Event): Delivery {
  const body = JSON.stringify(event);
  return { body, signature: sign(body) };
}

/** The same event, forged in one of seven ways. */
export function forged(event: Stripe.Event, random: Random): Delivery {
  // Its own id, so that it would be believed to be new.
  const novel = { ...event, id: `evt_forged_${randomBytes(8).toString('hex')}` };
  const body = JSON.stringify(novel);
  switch (random.one(FORGERIES)) {
    case 'unsigned':
      return { body, signature: undefined };
    case 'otherSecret':
      return { body, signature: sign(body, 'whsec_somebody_else') };
    case 'bodyChanged':
      return { body: `${body} `, signature: sign(body) };
    case 'old':
      return { body, signature: sign(body, TEST_WEBHOOK_SECRET, nowSeconds() - TOO_FAR_SECONDS) };
    case 'future':
      return { body, signature: sign(body, TEST_WEBHOOK_SECRET, nowSeconds() + TOO_FAR_SECONDS) };
    case 'otherMode': {
      const live = JSON.stringify({ ...novel, livemode: true });
      return { body: live, signature: sign(live) };
    }
    case 'twoTimestamps':
      return { body, signature: `t=${nowSeconds()},${sign(body)}` };
  }
}

/** Senders as Stripe has them, on many addresses: the relay limits each address to 6,000 deliveries a minute. */
export class Senders {
  readonly #agents: Agent[];
  #next = 0;

  constructor(count: number) {
    this.#agents = Array.from(
      { length: count },
      (_, index) => new Agent({ keepAlive: true, maxSockets: 4, localAddress: `127.0.0.${index + 2}` }),
    );
  }

  /** Delivers once. @returns the status, 0 when nobody answered */
  send(relayUrl: string, { body, signature }: Delivery): Promise<number> {
    const agent = this.#agents[this.#next++ % this.#agents.length];
    return new Promise((resolve) => {
      const delivery = request(
        `${relayUrl}/webhooks/stripe`,
        {
          method: 'POST',
          agent,
          headers: {
            'content-type': 'application/json',
            ...(signature && { 'stripe-signature': signature }),
          },
        },
        (response) => {
          response.resume();
          response.once('end', () => resolve(response.statusCode ?? 0));
          response.once('error', () => resolve(0));
        },
      );
      delivery.once('error', () => resolve(0));
      delivery.end(body);
    });
  }

  close(): void {
    for (const agent of this.#agents) agent.destroy();
  }
}
