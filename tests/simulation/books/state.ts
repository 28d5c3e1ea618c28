/**
 * The oracle: what the server must hold, in plain TypeScript, written from the rules and not from the SQL. It is one
 * tree of data, so a backup of the server is a copy of it.
 */
export type Bucket = 'available' | 'held' | 'spent' | 'refunded' | 'expired' | 'writtenOff';
export const BUCKETS: readonly Bucket[] = ['available', 'held', 'spent', 'refunded', 'expired', 'writtenOff'];

/** Seconds that were paid for, and given on top. */
export interface Seconds {
  paid: number;
  bonus: number;
}

export interface CardBook {
  cardId: string;
  purchaseId: string;
  lookup: string;
  userId: string | null;
  status: 'issued' | 'active' | 'expired' | 'refunded' | 'revoked';
  paidSeconds: number;
  bonusSeconds: number;
  priceCents: number;
  activatedAtUs: number;
  expiresAtUs: number;
  refundOwedSeconds: number;
  bonusVoid: boolean;
  /** Saved to an account: the code opens nothing any more. */
  codeRetired: boolean;
  at: Record<Bucket, Seconds>;
}

export interface PurchaseBook {
  purchaseId: string;
  tierId: string;
  kioskId: string | null;
  visitId: string | null;
  userId: string | null;
  status: 'pending' | 'processing' | 'paid' | 'failed' | 'expired' | 'refunded';
  paymentIntentId: string | null;
  cardId: string | null;
}

export interface RefundBook {
  refundId: string;
  amountCents: number;
  refundedSeconds: number;
  owedSeconds: number;
  voidedBonusSeconds: number;
}

export interface LeaseBook {
  leaseId: string;
  userId: string;
  kioskId: string;
  visitId: string;
  status: 'open' | 'lapsed' | 'closed' | 'voided' | 'settled';
  grantedSeconds: number;
  spentSeconds: number;
  validUntilUs: number;
  steps: { grantedSeconds: number; totalSeconds: number }[];
  /** In the order of reservation. */
  held: { cardId: string; seconds: Seconds }[];
}

export interface StreamBook {
  kioskId: string;
  epoch: string;
  lastSeq: number;
  lastHash: string;
  /** What is remembered of batches, to tell a resend from a fork. */
  batches: { fromSeq: number; hashes: string[]; receivedAtUs: number }[];
  /** Hash of every row taken, by (seq - 1): kept for the comparison at the end, the server forgets it. */
  hashes: string[];
  parked: ParkedBook[];
}

export interface ParkedBook {
  seq: number;
  kind: string;
  reason: string;
  leaseId: string | null;
  /** What the server had reserved under the lease at that moment. */
  grantedSeconds: number;
}

export interface TalkBook {
  talkId: string;
  kioskId: string;
  seconds: number;
  ended: boolean;
}

export interface State {
  cards: Map<string, CardBook>;
  /** Wallet to the one it was merged into, or null. */
  wallets: Map<string, string | null>;
  /** Wallets that belong to an account. */
  accounts: Set<string>;
  /** Kiosk to whether it was revoked. */
  kiosks: Map<string, boolean>;
  purchases: Map<string, PurchaseBook>;
  refunds: Map<string, RefundBook>;
  /** `user|kiosk|visit` to the end of the grant. */
  grants: Map<string, number>;
  wrongTries: { kioskId: string; atUs: number }[];
  leases: Map<string, LeaseBook>;
  /** `kiosk|epoch`. */
  streams: Map<string, StreamBook>;
  talks: Map<string, TalkBook>;
  deductions: Map<string, { userId: string; seconds: number }>;
  /** Events in the inbox, and whether they were worked off. */
  inbox: Map<string, boolean>;
}

export function emptyState(): State {
  return {
    cards: new Map(),
    wallets: new Map(),
    accounts: new Set(),
    kiosks: new Map(),
    purchases: new Map(),
    refunds: new Map(),
    grants: new Map(),
    wrongTries: [],
    leases: new Map(),
    streams: new Map(),
    talks: new Map(),
    deductions: new Map(),
    inbox: new Map(),
  };
}

/** The wallet itself, or the one it was merged into. */
export function currentWallet(state: State, userId: string): string {
  return state.wallets.get(userId) ?? userId;
}

/** What the server has to answer: these fields with these values, or this refusal. */
export type Expected = { ok: true; value: Readonly<Record<string, unknown>> } | { ok: false; code: string };

export const refused = (code: string): Expected => ({ ok: false, code });
export const answers = (value: Readonly<Record<string, unknown>>): Expected => ({ ok: true, value });
