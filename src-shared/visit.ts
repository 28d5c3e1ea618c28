/**
 * The visit as the page sees it: one snapshot to draw, and the intents it may send. The visit itself lives in the
 * station; the page holds no truth, so a reload or a crash of it loses nothing.
 */
import { z } from 'zod';
import { packageIdSchema, pricingPackageSchema } from './pricing.ts';
import { balanceSchema, purchaseSchema, purchaseStatusSchema } from './relay-api.ts';

export const LOCALES = ['en', 'de', 'fr', 'es', 'ar'] as const;
export const localeSchema = z.enum(LOCALES);
export type Locale = z.infer<typeof localeSchema>;

/**
 * One screen at a time. `attract`: nobody is here. `welcome`: buy, or I have a code. `packages` → `pay` → `codeShown`:
 * buying. `enterCode`: typing a code. `ready`: microphone check. `talk`: the conversation (a purchase opened in it is
 * an overlay). `receipt`: time left. Leaving any of them wipes the visit and returns to `attract`.
 */
export const screenSchema = z.enum([
  'attract',
  'welcome',
  'packages',
  'pay',
  'codeShown',
  'enterCode',
  'ready',
  'talk',
  'receipt',
]);
export type Screen = z.infer<typeof screenSchema>;

/** Why something can't be done just now; the page has words for each. */
export const unavailableReasonSchema = z.enum([
  'starting',
  'database_unreachable',
  'payments_unreachable',
  'reader_offline',
  'no_reader',
  'not_offered',
  'voice_unreachable',
  'speech_missing',
]);
export type UnavailableReason = z.infer<typeof unavailableReasonSchema>;
const availabilitySchema = z.discriminatedUnion('ok', [
  /** `keptSeconds`: talking is possible, but just now no longer than that (the rest of the wallet is out of reach). */
  z.object({ ok: z.literal(true), keptSeconds: z.number().int().positive().optional() }),
  z.object({ ok: z.literal(false), reason: unavailableReasonSchema }),
]);
export type Availability = z.infer<typeof availabilitySchema>;

/** A problem shown where its cause is. Codes have words in every language (src-renderer/i18n). */
export const problemCodeSchema = z.enum([
  'code_not_accepted',
  /** What was given is no code: nothing was asked, so it counts as no try. */
  'code_unreadable',
  'too_many_tries',
  'payment_declined',
  'payment_expired',
  'payments_unreachable',
  'reader_offline',
  'reader_busy',
  'database_unreachable',
  'no_time_left',
  'time_in_use_elsewhere',
  'storage_full',
  'clock_wrong',
  'something_went_wrong',
]);
export type ProblemCode = z.infer<typeof problemCodeSchema>;

/** Longest text of a caption, in characters. */
export const CAPTION_TEXT_LIMIT = 8_000;

export const captionSchema = z.object({
  id: z.string().min(1).max(100),
  who: z.enum(['customer', 'assistant']),
  text: z.string().max(CAPTION_TEXT_LIMIT),
  final: z.boolean(),
});
export type Caption = z.infer<typeof captionSchema>;

/** Why a talk is not being charged, or that it is. */
export const meterStateSchema = z.enum([
  'charging',
  'connecting',
  'paused_by_customer',
  'paused_by_silence',
  'agent_unreachable',
  'page_unreachable',
  'provider_failing',
  'microphone_lost',
  'speaker_lost',
  'ears_lost',
  'waiting_for_payment',
  'ended',
]);
export type MeterState = z.infer<typeof meterStateSchema>;

/** Something the station wants the agent to do, handed over by the page (src-shared/agent-link.ts). */
export const agentCommandSchema = z.discriminatedUnion('kind', [
  z.object({ id: z.string(), kind: z.literal('lowTime'), usableSeconds: z.number().int() }),
  z.object({ id: z.string(), kind: z.literal('pause') }),
  z.object({ id: z.string(), kind: z.literal('resume') }),
  z.object({ id: z.string(), kind: z.literal('stillThere') }),
  z.object({ id: z.string(), kind: z.literal('toppedUp'), remainingSeconds: z.number().int() }),
  z.object({
    id: z.string(),
    kind: z.literal('goodbye'),
    reason: z.enum(['time_up', 'silence']),
  }),
]);
export type AgentCommand = z.infer<typeof agentCommandSchema>;

export const endReasonSchema = z.enum([
  'customer',
  'time_up',
  'silence',
  'agent_lost',
  'voice_lost',
  'storage_full',
  'station_restarted',
  'operator',
]);
export type EndReason = z.infer<typeof endReasonSchema>;

/** The page's way into one room. */
export const roomAccessSchema = z.object({ url: z.string(), token: z.string(), name: z.string() });
export type RoomAccess = z.infer<typeof roomAccessSchema>;

export const talkViewSchema = z.object({
  talkId: z.uuid(),
  /** Counts legs (a room and a job) from 1; a new leg means: leave the old room, join the new one. */
  leg: z.number().int(),
  meter: meterStateSchema,
  /** Seconds the customer can still talk, as last known. */
  remainingSeconds: z.number().int().nonnegative(),
  chargedSeconds: z.number().int().nonnegative(),
  /** Room to join; null while a leg is being prepared. */
  room: roomAccessSchema.nullable(),
  /** Tool the assistant is running, shown as it happens. */
  activity: z.string().nullable(),
  /** The purchase opened over the conversation: choosing a package, or paying; null when it is closed. */
  topUp: z.enum(['packages', 'pay']).nullable(),
  commands: z.array(agentCommandSchema),
});
export type TalkView = z.infer<typeof talkViewSchema>;

/** How it is paid: with the customer's phone, at the card reader, or with a card typed at this computer. */
export const paymentWaySchema = z.enum(['phone', 'reader', 'here']);
export type PaymentWay = z.infer<typeof paymentWaySchema>;

/** What the relay tells of a purchase and the page shows; all null until it has answered. */
export const toldPurchaseSchema = purchaseSchema.pick({
  checkoutUrl: true,
  expiresAt: true,
  lastPaymentError: true,
  reader: true,
  readerUrl: true,
  payUrl: true,
});

export const purchaseViewSchema = toldPurchaseSchema.extend({
  purchaseId: z.uuid(),
  package: pricingPackageSchema,
  /** `creating`: the relay has not answered yet. */
  status: z.union([purchaseStatusSchema, z.literal('creating')]),
  /** Null while the customer has the choice. */
  way: paymentWaySchema.nullable(),
});
export type PurchaseView = z.infer<typeof purchaseViewSchema>;

export const receiptViewSchema = z.object({
  talkId: z.uuid(),
  startedAt: z.string(),
  endedAt: z.string(),
  chargedSeconds: z.number().int(),
  remainingSeconds: z.number().int(),
  /** False while the last seconds are still on their way to the server. */
  settled: z.boolean(),
  endReason: endReasonSchema,
});
export type ReceiptView = z.infer<typeof receiptViewSchema>;

export const visitSnapshotSchema = z.object({
  /** Grows with every change; a lower one than seen before means the station was restarted. */
  revision: z.number().int(),
  /** Changes when the station process is another one. */
  stationInstance: z.string(),
  visitId: z.uuid().nullable(),
  screen: screenSchema,
  locale: localeSchema,
  /** What is a demo here, its real part being absent: test payments, a scripted assistant. The banner names it. */
  demo: z.object({ payments: z.boolean(), assistant: z.boolean() }),
  services: z.object({
    talk: availabilitySchema,
    activate: availabilitySchema,
    buy: availabilitySchema,
    reader: availabilitySchema,
    here: availabilitySchema,
  }),
  packages: z.array(pricingPackageSchema),
  wallet: balanceSchema.nullable(),
  purchase: purchaseViewSchema.nullable(),
  /** Canonical code to show (code screen, receipt); never kept after the visit. */
  code: z.string().nullable(),
  talk: talkViewSchema.nullable(),
  receipt: receiptViewSchema.nullable(),
  problem: z.object({ code: problemCodeSchema, detail: z.string().nullable() }).nullable(),
  /** An intent is being carried out; buttons show progress. */
  busy: z.boolean(),
  /** The idle question is up and the visit ends in so many seconds. */
  stillThere: z.object({ secondsLeft: z.number().int().nonnegative() }).nullable(),
});
export type VisitSnapshot = z.infer<typeof visitSnapshotSchema>;

/** What the customer can ask for. An intent that does not fit the present screen is ignored and logged. */
export const visitIntentSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('begin') }),
  z.object({ type: z.literal('chooseBuy') }),
  z.object({ type: z.literal('chooseCode') }),
  z.object({ type: z.literal('choosePackage'), packageId: packageIdSchema }),
  /** Choose how to pay; the reader chosen again waits for another card. */
  z.object({ type: z.literal('chooseWay'), way: paymentWaySchema }),
  z.object({ type: z.literal('submitCode'), code: z.string().max(64) }),
  /** From `codeShown`: activate the card now and go on to `ready`. */
  z.object({ type: z.literal('activate') }),
  z.object({ type: z.literal('startTalk') }),
  z.object({ type: z.literal('pause') }),
  z.object({ type: z.literal('resume') }),
  z.object({ type: z.literal('endTalk') }),
  /** In a talk: open the packages (or one of them) over the conversation; close it again. */
  z.object({ type: z.literal('openTopUp'), packageId: packageIdSchema.optional() }),
  z.object({ type: z.literal('closeTopUp') }),
  z.object({ type: z.literal('back') }),
  z.object({ type: z.literal('startOver') }),
  z.object({ type: z.literal('finish') }),
  /** Any sign of life: a touch, a key, the answer to "still there?". */
  z.object({ type: z.literal('stillHere') }),
  z.object({ type: z.literal('setLocale'), locale: localeSchema }),
]);
export type VisitIntent = z.infer<typeof visitIntentSchema>;

/** Once a second while a room is joined; what the meter needs to know from the page. Ages in milliseconds. */
export const talkHeartbeatSchema = z.object({
  talkId: z.uuid(),
  leg: z.number().int(),
  /** The page's link to the LiveKit room. */
  connection: z.enum(['connecting', 'connected', 'reconnecting', 'disconnected']),
  /** Since the last heartbeat of the agent, null when none has come yet. */
  agentAgeMs: z.number().int().nonnegative().nullable(),
  agentState: z.enum(['initializing', 'listening', 'thinking', 'speaking', 'failing']).nullable(),
  /** Since the page last measured sound of the assistant, null when none yet in this leg. */
  agentSoundAgeMs: z.number().int().nonnegative().nullable(),
  /** Since anybody was last heard (either side) or typed; null when nothing yet. */
  lastVoiceAgeMs: z.number().int().nonnegative().nullable(),
  /** The assistant's audio track is subscribed and playing. */
  hearsAgent: z.boolean(),
  /** The microphone is published (muted counts as published), or the customer types instead. */
  canSpeak: z.boolean(),
  /** The microphone was there and gives no sound now (pulled out, muted by the system, forbidden), and nothing was typed since. */
  microphoneLost: z.boolean(),
  /** There was a loudspeaker and there is none now, and nothing was typed since. */
  speakerLost: z.boolean(),
  /** The assistant can't hear, and nothing was typed since. */
  earsLost: z.boolean(),
});
export type TalkHeartbeat = z.infer<typeof talkHeartbeatSchema>;
