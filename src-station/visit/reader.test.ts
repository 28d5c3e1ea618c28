/** Paying at the card reader, as the visit does it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { visitSnapshotSchema } from '../../src-shared/visit.ts';
import { Bench } from './visit.test-kit.ts';

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
});
