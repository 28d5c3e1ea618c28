/** Paying with a card typed at this computer, as the visit does it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { visitSnapshotSchema } from '../../src-shared/visit.ts';
import { Bench, CODE } from './visit.test-kit.ts';

const PAY_URL = 'http://127.0.0.1:8003/pay/token';
const HERE = { type: 'chooseWay', way: 'here' } as const;

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

  it('that the relay refuses leaves the choice, with words', async () => {
    bench.relay.readerFault = 'pay_here_unavailable';
    await toFields();
    const problem = { code: 'payments_unreachable' };
    expect(bench.now).toMatchObject({ screen: 'pay', purchase: { way: null }, problem });
  });
});
