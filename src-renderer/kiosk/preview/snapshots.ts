/** Canned snapshots, one for each screen, for looking at screens and for tests. Nothing here reaches the built pages. */
import type { PricingPackage } from '../../../src-shared/pricing.ts';
import type { Caption, Screen, VisitSnapshot } from '../../../src-shared/visit.ts';

function tier(
  id: string,
  name: string,
  paidHours: number,
  bonusMinutes: number,
  priceCents: number,
): PricingPackage {
  const description = DESCRIPTIONS[id] ?? '';
  return {
    id,
    name,
    description,
    paidSeconds: paidHours * 3600,
    bonusSeconds: bonusMinutes * 60,
    priceCents,
    currency: 'usd',
  };
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  starter: 'Perfect for trying out',
  basic: 'Great for regular users',
  premium: 'Best value option',
  pro: 'For power users',
  enterprise: 'Maximum value',
};

export const PACKAGES: PricingPackage[] = [
  tier('starter', 'Starter', 1, 0, 999),
  tier('basic', 'Basic', 5, 30, 4499),
  tier('premium', 'Premium', 10, 120, 7999),
  tier('pro', 'Pro', 25, 300, 17999),
  tier('enterprise', 'Enterprise', 50, 600, 29999),
];

const VISIT = '0d5bd2a8-8a0a-4c3e-9d7e-6a1f8f2f0c11';
const TALK = '7f0ac3a4-5f2e-4ac5-8a38-3a1d9d4c6f11';
const CODE = '7K4MX9Q2H3VT';

const OK = { ok: true } as const;

const BASE: VisitSnapshot = {
  revision: 1,
  stationInstance: 'preview',
  visitId: VISIT,
  screen: 'welcome',
  locale: 'en',
  demo: { payments: true, assistant: true },
  services: { talk: OK, activate: OK, buy: OK, reader: OK, here: OK },
  packages: PACKAGES,
  wallet: null,
  purchase: null,
  code: null,
  talk: null,
  receipt: null,
  problem: null,
  busy: false,
  stillThere: null,
};

const WALLET: NonNullable<VisitSnapshot['wallet']> = {
  userId: '5e2f8c1a-6f0e-4c58-9a55-3f0c4d8f7a22',
  availableSeconds: 3600,
  heldSeconds: 0,
  cards: [
    {
      cardId: '1b7f4a8e-3b0f-4a2e-8f33-0c9e6f6f5d33',
      packageId: 'starter',
      name: 'Starter',
      remainingSeconds: 3600,
      expiresAt: '2027-11-23T10:00:00Z',
    },
  ],
  asOf: '2026-11-23T10:00:00Z',
};

const PURCHASE: NonNullable<VisitSnapshot['purchase']> = {
  purchaseId: '9c1d6c0e-2c8f-4a77-8a4e-5b7d1a3f9b44',
  package: PACKAGES[0] ?? tier('starter', 'Starter', 1, 0, 999),
  status: 'pending',
  checkoutUrl: 'http://127.0.0.1:8030/pay/cs_test_a1B2c3D4e5F6g7H8i9J0',
  expiresAt: '2026-11-23T14:32:00Z',
  lastPaymentError: null,
  way: 'phone',
  reader: null,
  readerUrl: null,
  payUrl: null,
};

const AT_READER: NonNullable<VisitSnapshot['purchase']> = {
  ...PURCHASE,
  checkoutUrl: null,
  expiresAt: null,
  way: 'reader',
  reader: 'waiting',
  readerUrl: 'http://127.0.0.1:8030/terminal/tmr_simulated',
};

const TALK_VIEW: NonNullable<VisitSnapshot['talk']> = {
  talkId: TALK,
  leg: 1,
  meter: 'charging',
  remainingSeconds: 2470,
  chargedSeconds: 1130,
  room: null,
  activity: null,
  topUp: null,
  commands: [],
};

/** What was said in the talk of these snapshots. */
export const HISTORY: Caption[] = [
  {
    id: 'a',
    who: 'assistant',
    text: 'Hello, I am an AI assistant. What would you like to talk about?',
    final: true,
  },
  { id: 'b', who: 'customer', text: 'How much time do I have left?', final: true },
  {
    id: 'c',
    who: 'assistant',
    text: 'You have 41 minutes left. We can go on as long as you like.',
    final: true,
  },
];

const RECEIPT: NonNullable<VisitSnapshot['receipt']> = {
  talkId: TALK,
  startedAt: '2026-11-23T10:00:00Z',
  endedAt: '2026-11-23T10:18:50Z',
  chargedSeconds: 1130,
  remainingSeconds: 2470,
  settled: true,
  endReason: 'customer',
};

const PARTS: Record<Screen, Partial<VisitSnapshot>> = {
  attract: { visitId: null },
  welcome: {},
  packages: {},
  pay: { purchase: PURCHASE },
  codeShown: { code: CODE, purchase: { ...PURCHASE, status: 'paid' } },
  enterCode: {},
  ready: { wallet: WALLET, code: CODE },
  talk: { wallet: WALLET, talk: TALK_VIEW },
  receipt: { wallet: WALLET, receipt: RECEIPT, code: CODE },
};

export function snapshotFor(screen: Screen, change: Partial<VisitSnapshot> = {}): VisitSnapshot {
  return { ...BASE, screen, ...PARTS[screen], ...change };
}

/** The same talk with other parts, for the states a talk can be in. */
export function talkSnapshot(change: Partial<NonNullable<VisitSnapshot['talk']>>): VisitSnapshot {
  return snapshotFor('talk', {
    talk: { ...TALK_VIEW, ...change },
    purchase: change.topUp === 'pay' ? PURCHASE : null,
  });
}

/** States worth looking at beside the plain screens. */
export const VARIANTS: Record<string, VisitSnapshot> = {
  'welcome-unavailable': snapshotFor('welcome', {
    services: {
      talk: OK,
      activate: OK,
      buy: { ok: false, reason: 'payments_unreachable' },
      reader: { ok: false, reason: 'payments_unreachable' },
      here: { ok: false, reason: 'payments_unreachable' },
    },
  }),
  'pay-declined': snapshotFor('pay', {
    purchase: { ...PURCHASE, lastPaymentError: 'Your card was declined.' },
    problem: { code: 'payment_declined', detail: 'Your card was declined.' },
  }),
  'pay-choice': snapshotFor('pay', { purchase: { ...PURCHASE, checkoutUrl: null, way: null } }),
  'pay-readerBusy': snapshotFor('pay', {
    purchase: { ...PURCHASE, checkoutUrl: null, way: null },
    problem: { code: 'reader_busy', detail: null },
  }),
  'pay-reader': snapshotFor('pay', { purchase: AT_READER }),
  'pay-readerDeclined': snapshotFor('pay', {
    purchase: { ...AT_READER, reader: 'idle', lastPaymentError: 'Your card was declined.' },
    problem: { code: 'payment_declined', detail: 'Your card was declined.' },
  }),
  'pay-readerOffline': snapshotFor('pay', { purchase: { ...AT_READER, reader: 'offline' } }),
  'enterCode-unreadable': snapshotFor('enterCode', { problem: { code: 'code_unreadable', detail: null } }),
  'enterCode-refused': snapshotFor('enterCode', { problem: { code: 'code_not_accepted', detail: null } }),
  'ready-empty': snapshotFor('ready', { wallet: { ...WALLET, availableSeconds: 0, cards: [] } }),
  'talk-paused': talkSnapshot({ meter: 'paused_by_customer' }),
  'talk-microphoneLost': talkSnapshot({ meter: 'microphone_lost' }),
  'talk-earsLost': talkSnapshot({ meter: 'ears_lost' }),
  'talk-speakerLost': talkSnapshot({ meter: 'speaker_lost' }),
  'talk-lastMinute': talkSnapshot({ remainingSeconds: 42 }),
  'talk-buyingAway': {
    ...talkSnapshot({}),
    services: {
      talk: OK,
      activate: OK,
      buy: { ok: false, reason: 'payments_unreachable' },
      reader: { ok: false, reason: 'payments_unreachable' },
      here: { ok: false, reason: 'payments_unreachable' },
    },
  },
  'talk-topUp': talkSnapshot({ topUp: 'packages' }),
  'talk-topUpPay': talkSnapshot({ topUp: 'pay' }),
  'receipt-timeUp': snapshotFor('receipt', {
    receipt: { ...RECEIPT, endReason: 'time_up', remainingSeconds: 0, chargedSeconds: 3600 },
  }),
  'receipt-databaseAway': snapshotFor('receipt', {
    receipt: { ...RECEIPT, settled: false },
    services: {
      talk: { ok: true, keptSeconds: 754 },
      activate: { ok: false, reason: 'database_unreachable' },
      buy: { ok: false, reason: 'database_unreachable' },
      reader: { ok: false, reason: 'database_unreachable' },
      here: { ok: false, reason: 'database_unreachable' },
    },
  }),
  stillThere: snapshotFor('welcome', { stillThere: { secondsLeft: 14 } }),
};
