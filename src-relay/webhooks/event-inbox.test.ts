import type Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { refusals } from '../model/errors.ts';
import { createEventInbox } from './event-inbox.ts';

const eventOf = (id: string) => ({ id }) as Stripe.Event;

/** An inbox whose database stores when it is let, knows `processed` already, and can't take `evt_bad`. */
function setUp() {
  const calls: string[][] = [];
  const stored = new Set<string>();
  const state = { isDown: false, woken: 0 };
  const held: (() => void)[] = [];
  const gate = { shut: false };
  const table = {
    store: async (events: readonly Stripe.Event[]) => {
      calls.push(events.map(({ id }) => id));
      if (gate.shut) await new Promise<void>((resolve) => held.push(resolve));
      if (state.isDown) throw refusals.databaseUnavailable();
      if (events.some(({ id }) => id === 'evt_bad')) throw new Error('this text can not be stored');
      return events.map(({ id }) => {
        const isNew = !stored.has(id);
        stored.add(id);
        return { stored: isNew, processed: id === 'evt_processed' };
      });
    },
  };
  const inbox = createEventInbox(table, { wake: () => (state.woken += 1) });
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
      for (const letGo of held.splice(0)) letGo();
    },
  };
}

const isNew = (value: boolean) => ({ status: 'fulfilled', value });

describe('the event inbox', () => {
  it('stores two at once, and what comes during their calls together in the next', async () => {
    const { store, calls, shut, open, state } = setUp();
    shut();
    const all = store('a', 'b', 'c', 'd', 'a');
    expect(calls).toEqual([['a'], ['b']]);
    open();
    expect(await all).toEqual([isNew(true), isNew(true), isNew(true), isNew(true), isNew(false)]);
    expect(calls).toEqual([['a'], ['b'], ['c', 'd', 'a']]);
    expect(state.woken).toBe(3);
  });

  it('never puts more than 25 into a call', async () => {
    const { store, calls } = setUp();
    await store(...Array.from({ length: 60 }, (_, index) => `evt_${index}`));
    expect(calls.map(({ length }) => length)).toEqual([1, 1, 25, 25, 8]);
  });

  it('wakes nobody for what was worked off long ago', async () => {
    const { store, state } = setUp();
    expect(await store('evt_processed')).toEqual([isNew(true)]);
    expect(state.woken).toBe(0);
  });

  it('tells everybody that the database is away, once, and stores again when it is back', async () => {
    const { store, calls, state } = setUp();
    state.isDown = true;
    const answers = await store('a', 'b', 'c', 'd');
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['rejected']));
    expect(calls).toEqual([['a'], ['b'], ['c', 'd']]);
    state.isDown = false;
    expect(await store('a')).toEqual([isNew(true)]);
  });

  it('keeps nobody out because of one that can not be stored', async () => {
    const { store, calls } = setUp();
    const [first, , bad, last] = await store('a', 'b', 'evt_bad', 'c');
    expect([first, last]).toEqual([isNew(true), isNew(true)]);
    expect(bad?.status).toBe('rejected');
    expect(calls).toEqual([['a'], ['b'], ['evt_bad', 'c'], ['evt_bad'], ['c']]);
  });
});
