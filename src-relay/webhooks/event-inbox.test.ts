import type Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { refusals } from '../errors.ts';
import { createEventInbox } from './event-inbox.ts';

const eventOf = (id: string) => ({ id }) as Stripe.Event;

/** An inbox whose database stores when it is let, knows `processed` already, and can't take `evt_bad`. */
function setUp() {
  const calls: string[][] = [];
  const stored = new Set<string>();
  const state = { isDown: false, woken: 0 };
  let letGo: (() => void) | undefined;
  const gate = { shut: false };
  const database = {
    storeWebhookEvents: async (events: readonly Stripe.Event[]) => {
      calls.push(events.map(({ id }) => id));
      if (gate.shut) await new Promise<void>((resolve) => (letGo = resolve));
      if (state.isDown) throw refusals.databaseUnavailable();
      if (events.some(({ id }) => id === 'evt_bad')) throw new Error('this text can not be stored');
      return events.map(({ id }) => {
        const isNew = !stored.has(id);
        stored.add(id);
        return { stored: isNew, processed: id === 'evt_processed' };
      });
    },
  };
  const inbox = createEventInbox(database, { wake: () => (state.woken += 1) });
  const store = (...ids: string[]) => Promise.allSettled(ids.map((id) => inbox.store(eventOf(id))));
  return {
    inbox,
    calls,
    state,
    store,
    shut: () => {
      gate.shut = true;
    },
    open: () => {
      gate.shut = false;
      letGo?.();
    },
  };
}

const isNew = (value: boolean) => ({ status: 'fulfilled', value });

describe('the event inbox', () => {
  it('stores what comes alone at once, and what comes during a call together in the next', async () => {
    const { store, calls, shut, open, state } = setUp();
    shut();
    const all = store('a', 'b', 'c', 'a');
    expect(calls).toEqual([['a']]);
    open();
    expect(await all).toEqual([isNew(true), isNew(true), isNew(true), isNew(false)]);
    expect(calls).toEqual([['a'], ['b', 'c', 'a']]);
    expect(state.woken).toBe(2);
  });

  it('never puts more than 25 into a call', async () => {
    const { store, calls } = setUp();
    await store(...Array.from({ length: 60 }, (_, index) => `evt_${index}`));
    expect(calls.map(({ length }) => length)).toEqual([1, 25, 25, 9]);
  });

  it('wakes nobody for what was worked off long ago', async () => {
    const { store, state } = setUp();
    expect(await store('evt_processed')).toEqual([isNew(true)]);
    expect(state.woken).toBe(0);
  });

  it('tells everybody that the database is away, once, and stores again when it is back', async () => {
    const { store, calls, state } = setUp();
    state.isDown = true;
    const answers = await store('a', 'b', 'c');
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(calls).toEqual([['a'], ['b', 'c']]);
    state.isDown = false;
    expect(await store('a')).toEqual([isNew(true)]);
  });

  it('keeps nobody out because of one that can not be stored', async () => {
    const { store, calls } = setUp();
    const [first, bad, last] = await store('a', 'evt_bad', 'c');
    expect([first, last]).toEqual([isNew(true), isNew(true)]);
    expect(bad?.status).toBe('rejected');
    expect(calls).toEqual([['a'], ['evt_bad', 'c'], ['evt_bad'], ['c']]);
  });
});
