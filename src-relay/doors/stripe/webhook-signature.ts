/**
 * Whether a webhook delivery is Stripe's own: signed with one of our secrets, sent within five minutes either way, and
 * of our mode. The library checks the signature and the past; it lets a time stamp of the future pass.
 */
import Stripe from 'stripe';

/** Stripe's own default for the age of a signature. */
const TOLERANCE_SECONDS = 300;

export type VerifiedWebhook =
  | { ok: true; event: Stripe.Event }
  | { ok: false; reason: 'bad_signature' | 'from_the_future' | 'wrong_mode' };

export interface WebhookRules {
  /** Secrets that count; several while one is being rolled. */
  secrets: readonly string[];
  livemode: boolean;
  nowMs: number;
}

/** Checks the raw bytes of a delivery against its `Stripe-Signature` header. */
export async function verifyWebhook(
  body: Uint8Array,
  header: string | undefined,
  rules: WebhookRules,
): Promise<VerifiedWebhook> {
  const event = header === undefined ? undefined : await constructed(body, header, rules);
  if (!event) return { ok: false, reason: 'bad_signature' };
  const sentSeconds = timestampOf(header ?? '');
  if (sentSeconds === undefined) return { ok: false, reason: 'bad_signature' };
  if (sentSeconds > rules.nowMs / 1000 + TOLERANCE_SECONDS) return { ok: false, reason: 'from_the_future' };
  if (event.livemode !== rules.livemode) return { ok: false, reason: 'wrong_mode' };
  return { ok: true, event };
}

async function constructed(
  body: Uint8Array,
  header: string,
  rules: WebhookRules,
): Promise<Stripe.Event | undefined> {
  for (const secret of rules.secrets) {
    try {
      // The synchronous form needs Node's cryptography, which an Edge Function doesn't give it.
      return await Stripe.webhooks.constructEventAsync(
        body,
        header,
        secret,
        TOLERANCE_SECONDS,
        undefined,
        rules.nowMs,
      );
    } catch {
      // Another secret may fit.
    }
  }
  return undefined;
}

/** Seconds since 1970 of the header's only time stamp; two of them could mean different things to two readers. */
function timestampOf(header: string): number | undefined {
  const stamps = header.split(',').filter((item) => item.startsWith('t='));
  const digits = stamps.length === 1 ? /^t=(\d{1,12})$/.exec(stamps[0] ?? '')?.[1] : undefined;
  return digits === undefined ? undefined : Number(digits);
}
