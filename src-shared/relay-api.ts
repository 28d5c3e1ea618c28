/**
 * What the relay answers and takes. The relay validates with these schemas and derives its OpenAPI document from them;
 * the station calls it with the types. JSON in camelCase; `package_id`, `purchase_id` and `user_id` are older names
 * that callers outside this repository use.
 * All routes but `/pricing`, `/health`, `/openapi.json`, `/r/:token`, `/pay/:token`, `/enrol` and the webhook need `Authorization: Bearer <JWT>`
 * of Supabase Auth. A kiosk's device account (app_metadata.kind = kiosk) may call what is marked (kiosk).
 */
import { z } from 'zod';
import { packageIdSchema, pricingPackageSchema } from './pricing.ts';

/** Uniform error body. `message` says what happened and what to do, fit for a customer. */
export const relayErrorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** GET /pricing */
export const pricingResponseSchema = z.object({ packages: z.array(pricingPackageSchema) });

/**
 * How a purchase stands. `pending`: not paid yet; `processing`: the bank is still deciding; `paid`: fulfilled, the
 * card exists; `failed`: declined for good; `expired`: left or timed out; `refunded`: given back.
 */
export const purchaseStatusSchema = z.enum([
  'pending',
  'processing',
  'paid',
  'failed',
  'expired',
  'refunded',
]);

/** `waiting`: shows this payment and waits for a card; `idle`: does not (declined, stopped); `offline`: out of reach. */
export const readerStateSchema = z.enum(['waiting', 'idle', 'offline']);
export type ReaderState = z.infer<typeof readerStateSchema>;

/**
 * A purchase as it is told: answer of POST /checkout-sessions, POST /terminal-payments, POST /element-payments,
 * GET /purchases/:id?visitId= and POST /purchases/:id/cancel. The one place where these fields are described: requests,
 * the stored row and what a kiosk keeps and shows pick them from here.
 */
export const purchaseSchema = z.object({
  purchaseId: z.uuid(),
  packageId: packageIdSchema,
  status: purchaseStatusSchema,
  priceCents: z.number().int(),
  currency: z.string(),
  /** Address behind the QR code while `pending`. */
  checkoutUrl: z.url().nullable(),
  /** When the payment ends by itself, ISO 8601; null at the card reader. */
  expiresAt: z.string().nullable(),
  /** Last decline, in plain words, while the customer may try again. */
  lastPaymentError: z.string().nullable(),
  /** Canonical 12 symbols once `paid`; only for the visit that bought it, else null. */
  code: z.string().nullable(),
  /** Where the payer finds the code whatever happens to the kiosk: `/r/<128-bit token>`. */
  claimUrl: z.url().nullable(),
  /** What the card reader does, while `pending` and begun there; else null. */
  reader: readerStateSchema.nullable(),
  /** With test payments only: the page of the simulated reader, to hold a test card to it. */
  readerUrl: z.url().nullable(),
  /** Page with the card fields, to be shown in a frame, while `pending` and begun here; only for the visit that buys. */
  payUrl: z.url().nullable(),
});
export type Purchase = z.infer<typeof purchaseSchema>;

/** What a kiosk's visit wants to buy. */
const kioskPurchaseRequestSchema = purchaseSchema.pick({ purchaseId: true, packageId: true }).extend({
  visitId: z.uuid(),
  /** Wallet of this visit, when it has one: the bought card then joins that wallet. */
  userId: z.uuid().nullable(),
});
export type KioskPurchaseRequest = z.infer<typeof kioskPurchaseRequestSchema>;

/** POST /checkout-sessions (kiosk): Checkout by QR code, the main way to pay. Idempotent by purchaseId. */
export const createCheckoutRequestSchema = kioskPurchaseRequestSchema.extend({
  locale: z.string().max(10).default('en'),
});

/** POST /terminal-payments (kiosk): at the card reader beside it. Idempotent by purchaseId and attempt. */
export const createTerminalPaymentRequestSchema = kioskPurchaseRequestSchema.extend({
  /** Counts from 1 how often the customer asked the reader to wait for a card; each is one call to the reader. */
  attempt: z.number().int().min(1).max(50),
});

/** POST /element-payments (kiosk): a card typed at this very computer, into fields of Stripe. Idempotent by purchaseId. */
export const createElementPaymentRequestSchema = kioskPurchaseRequestSchema;

/** GET /purchases/:id and POST /purchases/:id/cancel: only the visit that bought it is told the code. */
export const ofVisitSchema = z.object({ visitId: z.uuid().optional() });

/** POST /create-payment-intent (customer or kiosk): Payment Element and Terminal; price computed here. */
export const createPaymentIntentRequestSchema = z.object({
  package_id: packageIdSchema,
  /** Made by the caller before the call; the same id never pays twice. */
  purchase_id: z.uuid().optional(),
});
const { purchaseId, priceCents, currency } = purchaseSchema.shape;
export const createPaymentIntentResponseSchema = z.object({
  purchaseId,
  paymentIntentId: z.string(),
  clientSecret: z.string(),
  priceCents,
  currency,
});

/** POST /redeem (kiosk): opens the wallet behind a code for one visit, activating the card when it is new. */
export const redeemRequestSchema = z.object({
  /** As typed; the relay normalizes it. */
  code: z.string().max(64),
  visitId: z.uuid(),
  /** Wallet already open in this visit: a new card joins it. */
  userId: z.uuid().nullable(),
});

/** GET /user/:user_id/balance: what a wallet holds. Seconds; paid and bonus together. */
export const balanceSchema = z.object({
  userId: z.uuid(),
  availableSeconds: z.number().int().nonnegative(),
  heldSeconds: z.number().int().nonnegative(),
  /** First to expire first; only cards with time left. */
  cards: z.array(
    z.object({
      cardId: z.uuid(),
      packageId: z.string(),
      name: z.string(),
      remainingSeconds: z.number().int().nonnegative(),
      expiresAt: z.string(),
    }),
  ),
  /** Server time of this reading, ISO 8601. */
  asOf: z.string(),
});
export type Balance = z.infer<typeof balanceSchema>;

export const redeemResponseSchema = z.object({
  userId: z.uuid(),
  cardId: z.uuid(),
  /** `activated`: first use of the card; `opened`: the card's wallet, opened again. */
  outcome: z.enum(['activated', 'opened']),
  balance: balanceSchema,
});
export type RedeemResponse = z.infer<typeof redeemResponseSchema>;

/**
 * POST /wallets/save (kiosk): "save to my account". Moves the walk-up wallet that is open in this visit into the wallet
 * of the account whose token comes along; the codes are retired. Refused while time is leased: end the talk first.
 * The account's wallet is opened at the kiosk by its owner (`open_own_wallet` with the same token).
 */
export const saveWalletRequestSchema = z.object({
  visitId: z.uuid(),
  /** The walk-up wallet. */
  userId: z.uuid(),
  /** Access token of the customer's account, from signing in at the kiosk. */
  accountToken: z.string().max(8_192),
});
export const saveWalletResponseSchema = z.object({ userId: z.uuid(), balance: balanceSchema });

/** GET /user/:user_id/analytics: the caller's own talks. */
export const analyticsResponseSchema = z.object({
  userId: z.uuid(),
  talks: z.number().int(),
  totalSeconds: z.number().int(),
  averageSeconds: z.number().int(),
  lastTalkAt: z.string().nullable(),
  cardsBought: z.number().int(),
  paidCents: z.number().int(),
  currency: z.string(),
});

/** POST /card-batches (staff): cards to be sold on paper. Idempotent by batchId: asked again it makes no more cards. */
export const createCardBatchRequestSchema = z.object({
  batchId: z.uuid(),
  packageId: packageIdSchema,
  count: z.number().int().min(1).max(500),
  /** For whom they are, in the operator's words. */
  note: z.string().max(500).default(''),
});

/** Answer of POST /card-batches; GET /card-batches/:id/sheet is the same for printing. */
export const cardBatchSchema = z.object({
  batchId: z.uuid(),
  packageId: z.string(),
  name: z.string(),
  note: z.string(),
  createdAt: z.string(),
  cards: z.array(
    z.object({
      cardId: z.uuid(),
      status: z.enum(['issued', 'active', 'expired', 'refunded', 'revoked']),
      /** Canonical 12 symbols while nobody has used the card, else null: then it is its holder's key. */
      code: z.string().nullable(),
      totalSeconds: z.number().int(),
      priceCents: z.number().int(),
      currency: z.string(),
    }),
  ),
});
export type CardBatch = z.infer<typeof cardBatchSchema>;

/** POST /enrol (open): a one-time code of staff for the device account of a new kiosk, once. */
export const enrolRequestSchema = z.object({ code: z.string().max(64) });

/** What a kiosk signs in with; the same as the variable KIOSK_ACCOUNT. */
export const deviceAccountSchema = z.object({
  kioskId: z.uuid(),
  name: z.string().min(1),
  email: z.email(),
  password: z.string().min(8),
});
export type DeviceAccount = z.infer<typeof deviceAccountSchema>;

/** Error codes the station knows by name. */
export const RELAY_ERRORS = {
  /** Unknown, used up, expired, revoked: one answer for all, so that guessing teaches nothing. */
  codeNotAccepted: 'code_not_accepted',
  tooManyTries: 'too_many_tries',
  packageUnknown: 'package_unknown',
  purchaseUnknown: 'purchase_unknown',
  databaseUnavailable: 'database_unavailable',
  stripeUnavailable: 'stripe_unavailable',
  readerUnavailable: 'reader_unavailable',
  readerBusy: 'reader_busy',
  payHereUnavailable: 'pay_here_unavailable',
  unauthorized: 'unauthorized',
  forbidden: 'forbidden',
  invalidRequest: 'invalid_request',
} as const;
