/**
 * Sends what the delivery queue holds. A delivery is done only when the receiver answered 2xx and that is written
 * down, so a crash in between sends it again: at least once, in no promised order, as Stripe does.
 */
import type { Logger } from '../../../src-runtime/log.ts';
import { nextAttemptMs, signatureHeader } from '../core/event.ts';
import type { Delivery } from '../store/deliveries.ts';
import type { Store } from '../store/store.ts';

export interface SenderOptions {
  store: Store;
  log: Logger;
  nowMs(): number;
}

export interface Sender {
  /** Looks at the queue at once; called after each change. */
  wake(): void;
  /** Stops, and waits for what is on its way. */
  stop(): Promise<void>;
}

const CONCURRENCY = 8;
const RECEIVER_TIMEOUT_MS = 10_000;
/** Longest time between two looks at the queue, against a changed clock. */
const LONGEST_REST_MS = 5_000;
/** Pause after the queue could not be read or written (a full disk): else the same event would be sent without end. */
const STORAGE_PAUSE_MS = 5_000;

export function startSender({ store, log, nowMs }: SenderOptions): Sender {
  const underWay = new Map<number, Promise<void>>();
  const aborter = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let pausedUntilMs = 0;

  function look(): void {
    if (stopped) return;
    try {
      if (nowMs() >= pausedUntilMs) startDue();
      rest();
    } catch (error) {
      pause(error);
    }
  }

  function pause(error: unknown): void {
    log.error({ err: error }, 'delivery queue out of reach');
    pausedUntilMs = nowMs() + STORAGE_PAUSE_MS;
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(look, STORAGE_PAUSE_MS);
  }

  function startDue(): void {
    for (const delivery of store.deliveries.due(nowMs(), CONCURRENCY + underWay.size)) {
      if (underWay.size >= CONCURRENCY) break;
      if (underWay.has(delivery.id)) continue;
      const sending = deliver(delivery)
        .catch(pause)
        .finally(() => {
          underWay.delete(delivery.id);
          look();
        });
      underWay.set(delivery.id, sending);
    }
  }

  function rest(): void {
    clearTimeout(timer);
    const dueMs = store.deliveries.nextDueMs();
    if (stopped || dueMs === null || underWay.size >= CONCURRENCY) return;
    // Deliveries under way are due too; their end looks again, so a short rest is enough here.
    const dueInMs = Math.max(dueMs, pausedUntilMs) - nowMs();
    const waitMs = Math.max(dueInMs, underWay.size > 0 ? 50 : 1);
    timer = setTimeout(look, Math.min(waitMs, LONGEST_REST_MS));
  }

  async function deliver(delivery: Delivery): Promise<void> {
    const event = store.events.get(delivery.eventId);
    const target = store.endpoints().find(({ endpoint }) => endpoint.id === delivery.endpointId);
    if (!event || !target) {
      store.deliveries.giveUp(delivery.id);
      return;
    }
    const status = await post(target.endpoint.url, target.secret, JSON.stringify(event, null, 2));
    if (stopped && status === null) return;
    const attempts = delivery.attempts + 1;
    log.debug(
      { event: event.id, type: event.type, endpoint: delivery.endpointId, status, attempts },
      'delivery',
    );
    if (status !== null && status >= 200 && status < 300) {
      store.deliveries.succeed(delivery.id);
      return;
    }
    const retryMs = nextAttemptMs(attempts, delivery.createdMs, nowMs());
    if (retryMs === null) store.deliveries.giveUp(delivery.id);
    else store.deliveries.retryAt(delivery.id, retryMs);
    log.warn({ event: event.id, type: event.type, status, attempts, retryMs }, 'delivery failed');
  }

  /** @returns the HTTP status, or null when there was no answer in time. */
  async function post(url: string, secret: string, body: string): Promise<number | null> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        signal: AbortSignal.any([AbortSignal.timeout(RECEIVER_TIMEOUT_MS), aborter.signal]),
        headers: {
          'Content-Type': 'application/json; charset=utf-8',
          'User-Agent': 'Stripe/1.0 (embedded sandbox)',
          'Stripe-Signature': signatureHeader(body, secret, Math.floor(nowMs() / 1000)),
        },
        body,
      });
      await response.body?.cancel();
      return response.status;
    } catch {
      return null;
    }
  }

  look();
  return {
    wake: look,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      aborter.abort();
      await Promise.allSettled(underWay.values());
    },
  };
}
