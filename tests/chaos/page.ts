/** The station's page and the customer's phone as HTTP calls: what a browser would send, and nothing it could not. */
import { makeLaunchNonce } from '../../src-runtime/launch-nonce.ts';
import {
  type TalkHeartbeat,
  type VisitIntent,
  type VisitSnapshot,
  visitSnapshotSchema,
} from '../../src-shared/visit.ts';

const CALL_TIMEOUT_MS = 5_000;

/** A page as a scripted customer uses it. */
export interface CustomerPage {
  /** Opens the page. */
  launch(): Promise<void>;
  /** What is on the screen now. */
  snapshot(): Promise<VisitSnapshot>;
  /** Does what the customer wants. Rejects when it can't be done now. */
  intent(intent: VisitIntent): Promise<void>;
  /** Called twice a second while a room is open: its part in the talk. */
  talkOn(talkId: string, leg: number): Promise<void>;
}

export class ScriptedPage implements CustomerPage {
  readonly #url: string;
  readonly #launchSecret: string;
  #cookie = '';

  constructor(url: string, launchSecret: string) {
    this.#url = url;
    this.#launchSecret = launchSecret;
  }

  /** Opens the launch address; the cookie it buys outlives restarts of the station. */
  async launch(): Promise<void> {
    const answer = await fetch(`${this.#url}/launch?nonce=${makeLaunchNonce(this.#launchSecret)}`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    });
    this.#cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    if (!this.#cookie) throw new Error(`the launch bought no cookie: ${answer.status}`);
  }

  intent(intent: VisitIntent): Promise<void> {
    return this.#call('visit.intent', intent);
  }

  /** Page and agent as the meter hears of them: both well, somebody speaking all the time. */
  talkOn(talkId: string, leg: number): Promise<void> {
    const beat: TalkHeartbeat = {
      talkId,
      leg,
      connection: 'connected',
      agentAgeMs: 0,
      agentState: 'listening',
      agentSoundAgeMs: 0,
      lastVoiceAgeMs: 0,
      hearsAgent: true,
      canSpeak: true,
      microphoneLost: false,
      speakerLost: false,
      earsLost: false,
    };
    return this.#call('talk.heartbeat', beat);
  }

  /** What the page would draw now: the first snapshot of a new stream. */
  async snapshot(): Promise<VisitSnapshot> {
    const leaving = new AbortController();
    const signal = AbortSignal.any([leaving.signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]);
    const stream = await fetch(`${this.#url}/trpc/visit.snapshot`, {
      headers: { ...this.#headers(), accept: 'text/event-stream' },
      signal,
    });
    try {
      let text = '';
      for await (const chunk of stream.body ?? []) {
        text += Buffer.from(chunk).toString();
        const data = /^data: (\{"revision".*)\n/m.exec(text)?.[1];
        if (data) return visitSnapshotSchema.parse(JSON.parse(data));
      }
      throw new Error(`the stream ended without a snapshot: ${stream.status}`);
    } finally {
      leaving.abort();
    }
  }

  async #call(procedure: string, input: object): Promise<void> {
    const answer = await fetch(`${this.#url}/trpc/${procedure}`, {
      method: 'POST',
      headers: { ...this.#headers(), 'content-type': 'application/json' },
      body: JSON.stringify(input),
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`${procedure}: ${answer.status}`);
  }

  #headers(): Record<string, string> {
    return { cookie: this.#cookie, 'sec-fetch-site': 'same-origin', origin: this.#url };
  }
}

/** Numbers of Stripe's test cards. */
const CARDS = { good: '4242424242424242', declined: '4000000000000002' } as const;

/** Fills in the hosted checkout page and sends it. @throws Error when it could not be reached: paid or not, who knows */
export async function payAtCheckout(checkoutUrl: string, card: keyof typeof CARDS): Promise<void> {
  const answer = await fetch(checkoutUrl, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({
      email: 'guest@example.com',
      number: CARDS[card],
      expiry: '12 / 49',
      cvc: '123',
    }),
    signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
  });
  await answer.arrayBuffer();
}
