/** Paying with a card typed at this computer, as the visit does it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { visitSnapshotSchema } from '../../src-shared/visit.ts';
import { Bench, CODE } from './test-bench.ts';

const PAY_URL = 'http://127.0.0.1:8003/pay/token';
const HERE = { type: 'chooseWay', way: 'here' } as const;
const PHONE = { type: 'chooseWay', way: 'phone' } as const;

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
  bench.world.services.here = { ok: true };
  bench.relay.purchaseState = { payUrl: PAY_URL };
});
afterEach(() => {
  expect(() => visitSnapshotSchema.parse(bench.now)).not.toThrow();
  bench.close();
});

async function toFields(): Promise<string> {
  await bench.toPay();
  await bench.does(HERE);
  const id = bench.now.purchase?.purchaseId;
  if (!id) throw new Error('no purchase was begun');
  return id;
}

describe('a card typed here', () => {
  it('is a choice of its own, without a reader; not offered, it is none', async () => {
    await bench.toPay();
    expect(bench.now).toMatchObject({ screen: 'pay', purchase: { way: null, payUrl: null } });
    await bench.does('startOver');
    bench.world.services.here = { ok: false, reason: 'not_offered' };
    await bench.toPay();
    expect(bench.now.purchase).toMatchObject({ way: 'phone' });
  });

  it('pays, and the code comes by itself', async () => {
    const id = await toFields();
    expect(bench.relay.calls).toEqual([`here ${id}`]);
    expect(bench.now.purchase).toMatchObject({ way: 'here', status: 'pending', payUrl: PAY_URL });
    bench.relay.purchaseState = { status: 'paid', code: CODE };
    await bench.pass(2_000);
    expect(bench.now).toMatchObject({ screen: 'codeShown', code: CODE });
    expect(bench.relay.cancelled()).toEqual([]);
  });

  it('that is declined leaves the fields where they are, for another card', async () => {
    const id = await toFields();
    bench.relay.purchaseState = { payUrl: PAY_URL, lastPaymentError: 'Your card was declined.' };
    await bench.pass(2_000);
    expect(bench.now.purchase).toMatchObject({ purchaseId: id, status: 'pending', payUrl: PAY_URL });
    // Choosing it once more would empty the fields.
    await bench.does(HERE);
    expect(bench.now.purchase).toMatchObject({ purchaseId: id, payUrl: PAY_URL });
    bench.relay.purchaseState = { status: 'paid', code: CODE };
    await bench.pass(2_000);
    expect(bench.now).toMatchObject({ screen: 'codeShown', code: CODE });
    expect(bench.relay.calls.filter((call) => call.startsWith('here'))).toEqual([`here ${id}`]);
  });

  it('gives way to the phone: its payment is ended, the phone gets one of its own', async () => {
    const id = await toFields();
    await bench.does(PHONE);
    expect(bench.relay.cancelled()).toEqual([`cancel ${id}`]);
    expect(bench.now.purchase).toMatchObject({ way: 'phone' });
    expect(bench.now.purchase?.purchaseId).not.toBe(id);
  });

  it('that the relay refuses leaves the choice, with words', async () => {
    bench.relay.readerFault = 'pay_here_unavailable';
    await toFields();
    const problem = { code: 'payments_unreachable' };
    expect(bench.now).toMatchObject({ screen: 'pay', purchase: { way: null }, problem });
  });

  it('is ended when the customer goes back, starts over or walks away', async () => {
    for (const leave of [
      () => bench.does('back'),
      () => bench.does('startOver'),
      () => bench.pass(321_000),
    ]) {
      await bench.does('startOver');
      const id = await toFields();
      await leave();
      expect(bench.now.purchase).toBeNull();
      expect(bench.relay.cancelled().at(-1)).toBe(`cancel ${id}`);
    }
  });

  it.each([
    ['goes back', 'back'],
    ['turns to the phone', PHONE],
  ] as const)(
    'whose bank was quicker than a customer who %s: the code is shown all the same',
    async (_, leave) => {
      const id = await toFields();
      bench.relay.cancelState = { status: 'paid', code: CODE };
      await bench.does(leave);
      expect(bench.now).toMatchObject({ screen: 'codeShown', code: CODE, purchase: { purchaseId: id } });
    },
  );

  it('paid while the station was down: the code is shown to the same visit, a late one is ended', async () => {
    await toFields();
    bench.relay.purchaseState = { status: 'paid', code: CODE };
    await bench.restart(30_000);
    await bench.pass(2_000);
    expect(bench.now).toMatchObject({ screen: 'codeShown', code: CODE });
    await bench.does('startOver');
    bench.relay.purchaseState = { payUrl: PAY_URL };
    const left = await toFields();
    await bench.restart(300_000);
    expect(bench.now.screen).toBe('attract');
    expect(bench.relay.cancelled().at(-1)).toBe(`cancel ${left}`);
  });

  it('takes a top-up in the middle of a talk', async () => {
    await bench.toTalk();
    await bench.does('openTopUp', { type: 'choosePackage', packageId: 'starter' }, HERE);
    bench.relay.purchaseState = { status: 'paid', code: CODE };
    await bench.pass(2_000);
    expect(bench.now.talk?.topUp).toBeNull();
    expect(bench.relay.redeemed.at(-1)?.code).toBe(CODE);
  });
});
