import { describe, expect, it, vi } from 'vitest';
import { createLogger } from '../../src-runtime/log.ts';
import type { InboxEvent } from '../doors/database/events.ts';
import type { Purchases } from '../doors/database/purchases.ts';
import { refusals } from '../model/errors.ts';
import type { PurchaseRow } from '../model/purchase.ts';
import { createMetrics } from '../routes/metrics.ts';
import { startWebhookWorker } from './webhook-worker.ts';

const log = createLogger({ service: 'test', level: 'silent' });

const NAMED_PURCHASE = '6f1e0c5e-8a55-4a3c-9d0e-0d9f5f0c7a11';
/** Stripe knows whose payment it is before any row does. */
const stripe = {
  purchaseIdOfIntent: async (intentId: string) =>
    intentId === 'pi_not_worked_off' ? NAMED_PURCHASE : undefined,
};

const event = (eventId: string, intentId = 'pi_ours'): InboxEvent => ({
  eventId,
  type: 'payment_intent.succeeded',
  payload: { data: { object: { id: intentId, object: 'payment_intent' } } },
});

/** An inbox in memory, behaving like the one in the database but for its waiting times. */
function setUp(events: InboxEvent[], settle: (intentId: string) => Promise<void> = async () => undefined) {
  const waiting = new Map(events.map((item) => [item.eventId, item]));
  const finished: [string, string | null][] = [];
  const aside = new Set<string>();
  const inbox = {
    state: async () => ({ waiting: waiting.size, setAside: aside.size }),
    pending: async (limit: number) => [...waiting.values()].slice(0, limit),
    finish: async (eventId: string, error: string | null) => {
      finished.push([eventId, error]);
      const isLast = finished.filter(([id]) => id === eventId).length === 10;
      if (error === null || isLast) waiting.delete(eventId);
      if (error !== null && isLast) aside.add(eventId);
      return { setAside: aside.has(eventId) };
    },
  };
  const purchases = {
    find: async ({ paymentIntentId }: { paymentIntentId?: string }) =>
      paymentIntentId === 'pi_foreign' || paymentIntentId === 'pi_not_worked_off'
        ? null
        : ({ purchaseId: 'p' } as PurchaseRow),
    get: async (purchaseId: string) =>
      purchaseId === NAMED_PURCHASE ? ({ purchaseId } as PurchaseRow) : null,
  } as unknown as Purchases;
  const settled: string[] = [];
  const settler = {
    settlePurchase: async (row: PurchaseRow, _source: string, known: { intentId?: string } = {}) => {
      await settle(known.intentId ?? '');
      settled.push(known.intentId ?? '');
      return row;
    },
    settleShared: async (row: PurchaseRow) => row,
  };
  const metrics = createMetrics();
  const worker = startWebhookWorker({ events: inbox, purchases, stripe, settler, metrics, log });
  return { worker, waiting, finished, settled, metrics };
}

describe('startWebhookWorker', () => {
  it('works off what waits at its start, each event once', async () => {
    const { worker, finished, settled } = setUp([event('a', 'pi_1'), event('b', 'pi_2')]);
    await vi.waitFor(() => expect(worker.inbox()?.waiting).toBe(0));
    await worker.stop();
    expect(settled).toEqual(['pi_1', 'pi_2']);
    expect(finished).toEqual([
      ['a', null],
      ['b', null],
    ]);
  });

  it('reads the inbox soon after a start without the database, not only at its next round', async () => {
    let isDown = true;
    const events = {
      finish: vi.fn(),
      state: async () => ({ waiting: 0, setAside: 0 }),
      pending: async () => {
        if (isDown) throw new Error('the database is away');
        return [];
      },
    };
    const purchases = { find: vi.fn(), get: vi.fn() };
    const settler = { settlePurchase: vi.fn(), settleShared: vi.fn() };
    const worker = startWebhookWorker({ events, purchases, stripe, settler, metrics: createMetrics(), log });
    expect(worker.inbox()?.waiting).toBeUndefined();
    isDown = false;
    await vi.waitFor(() => expect(worker.inbox()?.waiting).toBe(0), { timeout: 3_000 });
    await worker.stop();
  });

  it('keeps an event that fails, goes on with the others, and tries it again when woken', async () => {
    let isDown = true;
    const { worker, waiting, finished } = setUp(
      [event('a', 'pi_bad'), event('b', 'pi_good')],
      async (intentId) => {
        if (isDown && intentId === 'pi_bad') throw new Error('Stripe is away');
      },
    );
    await vi.waitFor(() => expect(worker.inbox()?.waiting).toBe(1));
    expect([...waiting.keys()]).toEqual(['a']);
    expect(finished).toEqual([
      ['a', 'Stripe is away'],
      ['b', null],
    ]);
    isDown = false;
    worker.wake();
    await vi.waitFor(() => expect(worker.inbox()?.waiting).toBe(0));
    await worker.stop();
    expect(waiting.size).toBe(0);
  });

  it('says of an error whether something was out of reach, which says nothing about the event', async () => {
    const outages: boolean[] = [];
    for (const error of [refusals.stripeUnavailable(new Error('away')), new Error('no such charge')]) {
      const worker = startWebhookWorker({
        events: {
          state: async () => ({ waiting: 1, setAside: 0 }),
          pending: async () => (outages.length < 3 ? [event('a', 'pi_1')] : []),
          finish: async (_eventId: string, _error: string | null, isOutage?: boolean) => {
            outages.push(isOutage ?? false);
            return { setAside: false };
          },
        },
        purchases: { find: async () => Promise.reject(error) } as never,
        stripe,
        settler: {} as never,
        metrics: createMetrics(),
        log,
      });
      await vi.waitFor(() => expect(worker.inbox()?.waiting).toBe(1));
      await worker.stop();
    }
    expect(outages).toEqual([true, false]);
  });

  it('lets go of an event that was set aside, says so, and goes on with the others', async () => {
    const error = vi.spyOn(log, 'error');
    const { worker, waiting, finished, metrics } = setUp(
      [event('a', 'pi_bad'), event('b')],
      async (intentId) => {
        if (intentId === 'pi_bad') throw new Error('No such charge');
      },
    );
    await vi.waitFor(() => expect(worker.inbox()).toEqual({ waiting: 1, setAside: 0 }));
    for (let tries = 1; tries < 10; tries += 1) {
      worker.wake();
      await vi.waitFor(() => expect(finished.filter(([id]) => id === 'a').length).toBeGreaterThan(tries));
    }
    await vi.waitFor(() => expect(worker.inbox()).toEqual({ waiting: 0, setAside: 1 }));
    await worker.stop();
    expect(waiting.size).toBe(0);
    expect(await metrics.registry.metrics()).toMatch(/mindbot_relay_events_set_aside\{[^}]*\} 1\b/);
    expect(error).toHaveBeenCalledWith(
      expect.objectContaining({ eventId: 'a', err: expect.any(Error) }),
      expect.stringContaining('set aside'),
    );
    error.mockRestore();
  });

  it('finishes events of foreign payments without settling anything', async () => {
    const { worker, finished, settled } = setUp([event('a', 'pi_foreign')]);
    await vi.waitFor(() => expect(worker.inbox()?.waiting).toBe(0));
    await worker.stop();
    expect(finished).toEqual([['a', null]]);
    expect(settled).toEqual([]);
  });

  it('settles a refund that came before its payment was worked off', async () => {
    const refund: InboxEvent = {
      eventId: 'a',
      type: 'refund.created',
      payload: { data: { object: { id: 're_1', object: 'refund', payment_intent: 'pi_not_worked_off' } } },
    };
    const { worker, finished, settled } = setUp([refund]);
    await vi.waitFor(() => expect(worker.inbox()?.waiting).toBe(0));
    await worker.stop();
    expect(settled).toEqual(['pi_not_worked_off']);
    expect(finished).toEqual([['a', null]]);
  });

  it('notes an event that can’t be read beside it', async () => {
    const { worker, finished } = setUp([{ eventId: 'a', type: 'refund.created', payload: {} }]);
    await vi.waitFor(() => expect(worker.inbox()?.waiting).toBe(1));
    await worker.stop();
    expect(finished[0]?.[0]).toBe('a');
    expect(finished[0]?.[1]).toContain('data');
  });
});
