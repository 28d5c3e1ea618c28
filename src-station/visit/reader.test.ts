/** Paying at the card reader, as the visit does it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { visitSnapshotSchema } from '../../src-shared/visit.ts';
import { Bench, CODE } from './test-bench.ts';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
  bench.world.services.reader = { ok: true };
  bench.relay.purchaseState = { reader: 'waiting' };
});
afterEach(() => {
  expect(() => visitSnapshotSchema.parse(bench.now)).not.toThrow();
  bench.close();
});

const READER = { type: 'chooseWay', way: 'reader' } as const;
const PHONE = { type: 'chooseWay', way: 'phone' } as const;

async function toReader(): Promise<string> {
  await bench.toPay();
  await bench.does(READER);
  const id = bench.now.purchase?.purchaseId;
  if (!id) throw new Error('no purchase was begun');
  return id;
}

describe('the choice', () => {
  it('is given where a reader is there; until then the relay hears of nothing', async () => {
    await bench.toPay();
    expect(bench.now).toMatchObject({ screen: 'pay', purchase: { way: null, status: 'creating' } });
    await bench.pass(60_000);
    await bench.does('back');
    expect(bench.now.screen).toBe('packages');
    expect(bench.relay.calls).toEqual([]);
  });

  it('is not given where there is none, or where it is offline', async () => {
    for (const reason of ['no_reader', 'reader_offline'] as const) {
      bench.world.services.reader = { ok: false, reason };
      await bench.toPay();
      expect(bench.now).toMatchObject({ screen: 'pay', purchase: { way: 'phone', status: 'pending' } });
      await bench.does('startOver');
    }
  });

  it('leads to the phone', async () => {
    await bench.toPay();
    await bench.does(PHONE);
    expect(bench.now.purchase).toMatchObject({ way: 'phone', checkoutUrl: 'https://pay.example/c' });
  });

  it('survives a restart of the station', async () => {
    await bench.toPay();
    await bench.restart(5_000);
    expect(bench.now).toMatchObject({ screen: 'pay', purchase: { way: null } });
    await bench.does(READER);
    expect(bench.now.purchase).toMatchObject({ way: 'reader', reader: 'waiting' });
  });
});

describe('the reader', () => {
  it('waits for a card, and the code comes by itself', async () => {
    const id = await toReader();
    expect(bench.relay.calls).toEqual([`reader ${id} 1`]);
    expect(bench.now.purchase).toMatchObject({ way: 'reader', reader: 'waiting', checkoutUrl: null });
    bench.relay.purchaseState = { status: 'paid', code: CODE };
    await bench.pass(2_000);
    expect(bench.now).toMatchObject({ screen: 'codeShown', code: CODE });
    expect(bench.relay.cancelled()).toEqual([]);
  });

  it('waits for another card after a decline: the same purchase, another call', async () => {
    const id = await toReader();
    bench.relay.purchaseState = { reader: 'idle', lastPaymentError: 'Your card was declined.' };
    await bench.pass(2_000);
    expect(bench.now).toMatchObject({
      purchase: { reader: 'idle' },
      problem: { code: 'payment_declined', detail: 'Your card was declined.' },
    });
    bench.relay.purchaseState = { reader: 'waiting' };
    await bench.does(READER);
    expect(bench.now).toMatchObject({ problem: null, purchase: { purchaseId: id, reader: 'waiting' } });
    expect(bench.relay.calls.filter((call) => call.startsWith('reader'))).toEqual([
      `reader ${id} 1`,
      `reader ${id} 2`,
    ]);
    expect(bench.relay.cancelled()).toEqual([]);
  });

  it('gives way to the phone: its payment is ended, the phone gets one of its own', async () => {
    const id = await toReader();
    await bench.does(PHONE);
    expect(bench.relay.cancelled()).toEqual([`cancel ${id}`]);
    expect(bench.now.purchase).toMatchObject({ way: 'phone', checkoutUrl: 'https://pay.example/c' });
    expect(bench.now.purchase?.purchaseId).not.toBe(id);
  });

  it.each([
    ['reader_busy', 'reader_busy'],
    ['reader_unavailable', 'reader_offline'],
  ])('refused with %s leaves the choice, with words', async (fault, code) => {
    bench.relay.readerFault = fault;
    const id = await toReader();
    expect(bench.now).toMatchObject({ screen: 'pay', purchase: { way: null }, problem: { code } });
    expect(bench.relay.cancelled()).toEqual([`cancel ${id}`]);
    bench.relay.readerFault = '';
    await bench.does(READER);
    expect(bench.now).toMatchObject({ purchase: { way: 'reader', reader: 'waiting' }, problem: null });
    expect(bench.now.purchase?.purchaseId).not.toBe(id);
  });

  it('is let go when the customer goes back, starts over or walks away', async () => {
    for (const leave of [
      () => bench.does('back'),
      () => bench.does('startOver'),
      () => bench.pass(321_000),
    ]) {
      await bench.does('startOver');
      const id = await toReader();
      await leave();
      expect(bench.now.purchase).toBeNull();
      expect(bench.relay.cancelled().at(-1)).toBe(`cancel ${id}`);
    }
  });

  it.each([
    ['goes back', 'back'],
    ['turns to the phone', PHONE],
  ] as const)('that was quicker than a customer who %s: the code is shown all the same', async (_, leave) => {
    const id = await toReader();
    bench.relay.cancelState = { status: 'paid', code: CODE };
    await bench.does(leave);
    expect(bench.now).toMatchObject({ screen: 'codeShown', code: CODE, purchase: { purchaseId: id } });
    // Nothing else stays open to be paid for as well.
    const begun = bench.relay.calls.filter((call) => /^(reader|checkout)/.test(call)).length;
    expect(bench.relay.cancelled()).toHaveLength(begun);
  });

  it('that was quicker than a customer who is gone: the next one sees nothing of it', async () => {
    await toReader();
    bench.relay.cancelState = { status: 'paid', code: CODE };
    bench.engine.intent({ type: 'startOver' });
    bench.engine.intent({ type: 'begin' });
    await bench.pass(0);
    expect(bench.now).toMatchObject({ screen: 'welcome', code: null, purchase: null });
  });

  it('paid while the station was down: the code is shown to the same visit, a late one is ended', async () => {
    const id = await toReader();
    bench.relay.purchaseState = { status: 'paid', code: CODE };
    await bench.restart(30_000);
    await bench.pass(2_000);
    expect(bench.now).toMatchObject({ screen: 'codeShown', code: CODE });
    await bench.does('startOver');
    bench.relay.purchaseState = { reader: 'waiting' };
    const left = await toReader();
    expect(left).not.toBe(id);
    await bench.restart(300_000);
    expect(bench.now.screen).toBe('attract');
    expect(bench.relay.cancelled().at(-1)).toBe(`cancel ${left}`);
  });

  it('takes a top-up in the middle of a talk', async () => {
    await bench.toTalk();
    await bench.does('openTopUp', { type: 'choosePackage', packageId: 'starter' });
    expect(bench.now).toMatchObject({ talk: { topUp: 'pay' }, purchase: { way: null } });
    await bench.does(READER);
    bench.relay.purchaseState = { status: 'paid', code: CODE };
    await bench.pass(2_000);
    expect(bench.now.talk?.topUp).toBeNull();
    expect(bench.relay.redeemed.at(-1)?.code).toBe(CODE);
  });
});
