/** How a purchase stands at Stripe, brought down to what counts. */

/** Statuses are Stripe's own words, and may be new ones. */
export interface StripeState {
  session: { id: string; status: string; metadata: Readonly<Record<string, string>> } | null;
  intent: {
    id: string;
    status: string;
    amountReceivedCents: number;
    currency: string;
    livemode: boolean;
    metadata: Readonly<Record<string, string>>;
    /** Decline of the last try, in Stripe's words for customers. */
    lastError: string | null;
  } | null;
  /** The refunds or the dispute that are looked at, if any. */
  refunds: readonly MoneyBack[];
  dispute: MoneyBack | null;
}

export interface MoneyBack {
  id: string;
  status: string;
  amountCents: number;
}
