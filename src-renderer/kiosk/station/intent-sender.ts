/**
 * Sends the customer's intents one after the other, and loses none over a short break: an intent that did not reach the
 * station is sent again when the link is back, unless it has become too old to still be meant.
 */
import { type Backoff, retried } from '../../../src-shared/retry.ts';
import type { VisitIntent } from '../../../src-shared/visit.ts';

/** After this long a touch is forgotten: acting on it then would surprise. */
const STALE_AFTER_MS = 20_000;
const RETRY: Backoff = { firstMs: 500, longestMs: 500 };

export interface IntentSender {
  /** Resolves true when the station has it, false when it was given up or replaced by a newer wish. */
  send(intent: VisitIntent): Promise<boolean>;
}

export function createIntentSender(deps: {
  deliver(intent: VisitIntent): Promise<void>;
  nowMs(): number;
  wait(durationMs: number): Promise<void>;
}): IntentSender {
  let newest = 0;
  const deliver = (intent: VisitIntent, number: number): Promise<boolean> => {
    const bornMs = deps.nowMs();
    // A newer wish of the customer takes the place of one that is stuck.
    const again = () => number === newest && deps.nowMs() - bornMs <= STALE_AFTER_MS;
    return retried(() => deps.deliver(intent), { backoff: RETRY, again, wait: deps.wait }).then(
      () => true,
      () => false,
    );
  };
  return {
    send: (intent) => {
      // A sign of life is worth nothing later, and must not push a real wish aside.
      if (intent.type === 'stillHere') {
        return deps.deliver(intent).then(
          () => true,
          () => false,
        );
      }
      newest += 1;
      return deliver(intent, newest);
    },
  };
}
