/** What is alike for the payments made at the kiosk itself, at its card reader or with a card typed there. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { visitSnapshotSchema } from '../../src-shared/visit.ts';
import { Bench, CODE } from './visit.test-kit.ts';

const PHONE = { type: 'chooseWay', way: 'phone' } as const;

describe.each([
  { way: 'reader', pending: { reader: 'waiting' }, begun: (id: string) => `reader ${id} 1` },
  {
    way: 'here',
    pending: { payUrl: 'http://127.0.0.1:8003/pay/token' },
    begun: (id: string) => `here ${id}`,
  },
] as const)('a payment at the kiosk ($way)', ({ way, pending, begun }) => {
  const chosen = { type: 'chooseWay', way } as const;
  let bench: Bench;

  beforeEach(() => {
    bench = new Bench();
    bench.world.services[way] = { ok: true };
    bench.relay.purchaseState = pending;
  });
  afterEach(() => {
    expect(() => visitSnapshotSchema.parse(bench.now)).not.toThrow();
    bench.close();
  });

  async function begin(): Promise<string> {
    await bench.toPay();
    await bench.does(chosen);
    const id = bench.now.purchase?.purchaseId;
    if (!id) throw new Error('no purchase was begun');
    return id;
  }

  it('is begun once, and the code comes by itself', async () => {
    const id = await begin();
    expect(bench.relay.calls).toEqual([begun(id)]);
    expect(bench.now.purchase).toMatchObject({ way, status: 'pending', checkoutUrl: null, ...pending });
    bench.relay.purchaseState = { status: 'paid', code: CODE };
    await bench.pass(2_000);
    expect(bench.now).toMatchObject({ screen: 'codeShown', code: CODE });
    expect(bench.relay.cancelled()).toEqual([]);
  });

  it('gives way to the phone: it is ended, the phone gets a payment of its own', async () => {
    const id = await begin();
    await bench.does(PHONE);
    expect(bench.relay.cancelled()).toEqual([`cancel ${id}`]);
    expect(bench.now.purchase).toMatchObject({ way: 'phone', checkoutUrl: 'https://pay.example/c' });
    expect(bench.now.purchase?.purchaseId).not.toBe(id);
  });

  it('is ended when the customer goes back, starts over or walks away', async () => {
    for (const leave of [
      () => bench.does('back'),
      () => bench.does('startOver'),
      () => bench.pass(321_000),
    ]) {
      await bench.does('startOver');
      const id = await begin();
      await leave();
      expect(bench.now.purchase).toBeNull();
      expect(bench.relay.cancelled().at(-1)).toBe(`cancel ${id}`);
    }
  });

  it.each([
    ['goes back', 'back'],
    ['turns to the phone', PHONE],
  ] as const)('that was quicker than a customer who %s: the code is shown all the same', async (_, leave) => {
    const id = await begin();
    bench.relay.cancelState = { status: 'paid', code: CODE };
    await bench.does(leave);
    expect(bench.now).toMatchObject({ screen: 'codeShown', code: CODE, purchase: { purchaseId: id } });
    // Nothing else stays open to be paid for as well.
    const opened = bench.relay.calls.filter((call) => /^(reader|here|checkout)/.test(call)).length;
    expect(bench.relay.cancelled()).toHaveLength(opened);
  });

  it('that was quicker than a customer who is gone: the next one sees nothing of it', async () => {
    await begin();
    bench.relay.cancelState = { status: 'paid', code: CODE };
    bench.engine.intent({ type: 'startOver' });
    bench.engine.intent({ type: 'begin' });
    await bench.pass(0);
    expect(bench.now).toMatchObject({ screen: 'welcome', code: null, purchase: null });
  });

  it('paid while the station was down: the code is shown to the same visit, a late one is ended', async () => {
    const id = await begin();
    bench.relay.purchaseState = { status: 'paid', code: CODE };
    await bench.restart(30_000);
    await bench.pass(2_000);
    expect(bench.now).toMatchObject({ screen: 'codeShown', code: CODE });
    await bench.does('startOver');
    bench.relay.purchaseState = pending;
    const left = await begin();
    expect(left).not.toBe(id);
    await bench.restart(300_000);
    expect(bench.now.screen).toBe('attract');
    expect(bench.relay.cancelled().at(-1)).toBe(`cancel ${left}`);
  });

  it('takes a top-up in the middle of a talk', async () => {
    await bench.toTalk();
    await bench.does('openTopUp', { type: 'choosePackage', packageId: 'starter' });
    expect(bench.now).toMatchObject({ talk: { topUp: 'pay' } });
    await bench.does(chosen);
    bench.relay.purchaseState = { status: 'paid', code: CODE };
    await bench.pass(2_000);
    expect(bench.now.talk?.topUp).toBeNull();
    expect(bench.relay.redeemed.at(-1)?.code).toBe(CODE);
  });
});
