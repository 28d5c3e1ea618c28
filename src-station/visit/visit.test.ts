import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { visitSnapshotSchema } from '../../src-shared/visit.ts';
import { Bench, balanceOf, CODE, USER_ID } from './visit.test-kit.ts';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => {
  expect(() => visitSnapshotSchema.parse(bench.now)).not.toThrow();
  bench.close();
});

describe('buying', () => {
  it('goes from the first touch to a code and to the talk', async () => {
    await bench.toPay();
    expect(bench.now).toMatchObject({
      screen: 'pay',
      purchase: { status: 'pending', checkoutUrl: 'https://pay.example/c', package: { id: 'starter' } },
    });
    bench.relay.purchaseState = { status: 'paid', code: CODE };
    await bench.pass(2_000);
    expect(bench.now).toMatchObject({ screen: 'codeShown', code: CODE, purchase: { status: 'paid' } });
    expect(bench.relay.cancelled()).toEqual([]);
    await bench.does('activate');
    expect(bench.now).toMatchObject({ screen: 'ready', wallet: { availableSeconds: 3600 } });
    expect(bench.relay.redeemed).toEqual([{ code: CODE, userId: null }]);
  });

  it('has the purchase on disk before the relay hears of it', async () => {
    let onDisk = '';
    bench.relay.onCheckout = () => {
      onDisk = readFileSync(join(bench.dir, 'visit.json'), 'utf8');
    };
    await bench.toPay();
    expect(JSON.parse(onDisk).purchase.purchaseId).toBe(bench.now.purchase?.purchaseId);
  });

  it('asks every two seconds, not faster', async () => {
    await bench.toPay();
    await bench.pass(7_900);
    expect(bench.relay.calls.filter((call) => call.startsWith('poll'))).toHaveLength(3);
  });

  it('tells of a decline while the customer may try again, and forgets it when paid', async () => {
    await bench.toPay();
    bench.relay.purchaseState = { lastPaymentError: 'Your card was declined.' };
    await bench.pass(2_000);
    expect(bench.now).toMatchObject({
      screen: 'pay',
      problem: { code: 'payment_declined', detail: 'Your card was declined.' },
    });
    bench.relay.purchaseState = { status: 'paid', code: CODE };
    await bench.pass(2_000);
    expect(bench.now).toMatchObject({ screen: 'codeShown', problem: null });
  });

  it.each([
    ['expired', 'payment_expired'],
    ['failed', 'payment_declined'],
  ] as const)('a purchase that is %s goes back to the packages', async (status, code) => {
    await bench.toPay();
    bench.relay.purchaseState = { status };
    await bench.pass(2_000);
    expect(bench.now).toMatchObject({ screen: 'packages', purchase: null, problem: { code } });
  });

  it('says that the bank decides, and what came of it, to the customer who is still there', async () => {
    const message = 'The account has insufficient funds.';
    await bench.toPay();
    bench.relay.purchaseState = { status: 'processing' };
    await bench.pass(60_000);
    expect(bench.now).toMatchObject({ screen: 'pay', purchase: { status: 'processing' }, problem: null });
    bench.relay.purchaseState = { status: 'failed', lastPaymentError: message };
    await bench.pass(2_000);
    const problem = { code: 'payment_declined', detail: message };
    expect(bench.now).toMatchObject({ screen: 'packages', purchase: null, problem });

    await bench.does('startOver');
    bench.relay.purchaseState = { status: 'processing' };
    await bench.toPay();
    await bench.pass(10_000);
    bench.relay.purchaseState = { status: 'paid', code: CODE };
    await bench.pass(2_000);
    expect(bench.now).toMatchObject({ screen: 'codeShown', code: CODE });
    expect(bench.relay.cancelled()).toEqual([]);
  });

  it('cancels the purchase when the customer goes back, starts over or walks away', async () => {
    for (const leave of [
      () => bench.does('back'),
      () => bench.does('startOver'),
      () => bench.pass(321_000),
    ]) {
      await bench.does('startOver');
      await bench.toPay();
      const id = bench.now.purchase?.purchaseId;
      await leave();
      expect(bench.now.purchase).toBeNull();
      expect(bench.relay.cancelled().at(-1)).toBe(`cancel ${id}`);
    }
    expect(bench.relay.cancelled()).toHaveLength(3);
  });

  it('cancels also when the relay could not be reached to make it: it may have been made all the same', async () => {
    bench.relay.down = true;
    await bench.toPay();
    expect(bench.now).toMatchObject({ screen: 'packages', problem: { code: 'payments_unreachable' } });
    expect(bench.relay.cancelled()).toHaveLength(1);
  });

  it('keeps asking through an outage of the relay', async () => {
    await bench.toPay();
    bench.relay.down = true;
    await bench.pass(2_000);
    expect(bench.now).toMatchObject({ screen: 'pay', problem: { code: 'payments_unreachable' } });
    bench.relay.down = false;
    bench.relay.purchaseState = { status: 'paid', code: CODE };
    await bench.pass(2_000);
    expect(bench.now.screen).toBe('codeShown');
  });

  it('ignores a package that is not on sale', async () => {
    await bench.does('begin', 'chooseBuy', { type: 'choosePackage', packageId: 'gold' });
    expect(bench.now.screen).toBe('packages');
  });
});

describe('a code', () => {
  it('opens its wallet, and is shown on the receipt', async () => {
    await bench.does('begin', 'chooseCode', { type: 'submitCode', code: 'abcd-1234-wxyz' });
    expect(bench.now).toMatchObject({ screen: 'ready', wallet: { userId: USER_ID } });
    await bench.does('startTalk');
    await bench.does('endTalk');
    expect(bench.now).toMatchObject({ screen: 'receipt', code: CODE });
  });

  it('that is wrong keeps the customer where he is, until he tries again', async () => {
    await bench.does('begin', 'chooseCode', { type: 'submitCode', code: 'XXXX-XXXX-XXXX' });
    expect(bench.now).toMatchObject({ screen: 'enterCode', problem: { code: 'code_not_accepted' } });
    await bench.does('stillHere');
    expect(bench.now.problem).not.toBeNull();
    await bench.does({ type: 'submitCode', code: CODE });
    expect(bench.now).toMatchObject({ screen: 'ready', problem: null });
  });

  it('that can not be one is told as that, and is no try', async () => {
    await bench.does('begin', 'chooseCode', { type: 'submitCode', code: '!BCD&EFGH&JK:N' });
    expect(bench.now).toMatchObject({ screen: 'enterCode', problem: { code: 'code_unreadable' } });
    expect(bench.relay.redeemed).toEqual([]);
    await bench.does({ type: 'submitCode', code: `Code: ${CODE}` });
    expect(bench.now).toMatchObject({ screen: 'ready', problem: null });
  });

  it('is not shown on screens that others may read over the shoulder', async () => {
    await bench.toTalk();
    expect(bench.now.code).toBeNull();
  });
});

describe('nobody there', () => {
  it('is asked about after 45 s and ends the visit 20 s later', async () => {
    await bench.does('begin');
    await bench.pass(44_999);
    expect(bench.now.stillThere).toBeNull();
    await bench.pass(1);
    expect(bench.now.stillThere).toEqual({ secondsLeft: 20 });
    await bench.pass(19_000);
    expect(bench.now).toMatchObject({ screen: 'welcome', stillThere: { secondsLeft: 1 } });
    await bench.pass(1_000);
    expect(bench.now).toMatchObject({ screen: 'attract', visitId: null });
  });

  it('is answered by any touch', async () => {
    await bench.does('begin');
    await bench.pass(50_000);
    await bench.does('stillHere');
    expect(bench.now).toMatchObject({ screen: 'welcome', stillThere: null });
    await bench.pass(44_000);
    expect(bench.now.stillThere).toBeNull();
  });

  it('is asked later where the customer is busy: 5 min at paying, 3 min at the code', async () => {
    await bench.toPay();
    await bench.pass(299_000);
    expect(bench.now).toMatchObject({ screen: 'pay', stillThere: null });
    bench.relay.purchaseState = { status: 'paid', code: CODE };
    await bench.pass(1_000);
    expect(bench.now.screen).toBe('codeShown');
    await bench.pass(179_000);
    expect(bench.now.stillThere).toBeNull();
    await bench.pass(2_000);
    expect(bench.now.stillThere).not.toBeNull();
  });

  it('gives the language back to the default', async () => {
    await bench.does({ type: 'setLocale', locale: 'fr' }, 'begin');
    expect(bench.now.locale).toBe('fr');
    await bench.does('finish');
    expect(bench.now.locale).toBe('en');
  });
});

describe('the wipe', () => {
  it('leaves no trace of the customer in memory or on disk', async () => {
    await bench.toTalk();
    const { talkId } = bench.account;
    bench.engine.caption(talkId, { id: 'c1', who: 'customer', text: 'my secret', final: true });
    await bench.does('endTalk');
    const before = JSON.stringify(bench.engine.state);
    expect(before).toContain('my secret');
    expect(before).toContain(CODE);
    const { visitId } = bench.now;
    await bench.does('finish');
    const after = JSON.stringify([bench.engine.state, bench.now]);
    for (const trace of ['my secret', CODE, USER_ID, talkId, String(visitId)])
      expect(after).not.toContain(trace);
    expect(readdirSync(bench.dir)).toEqual([]);
  });

  it('follows the receipt by itself after a question', async () => {
    await bench.toTalk();
    await bench.does('endTalk');
    await bench.pass(60_000);
    expect(bench.now).toMatchObject({ screen: 'receipt', stillThere: { secondsLeft: 20 } });
    await bench.pass(20_000);
    expect(bench.now.screen).toBe('attract');
  });
});

describe('the file of a visit', () => {
  it('is for the owner only and never holds a spoken word', async () => {
    await bench.toTalk();
    const { talkId } = bench.account;
    bench.engine.caption(talkId, { id: 'c1', who: 'customer', text: 'my secret', final: true });
    await bench.pass(20_000);
    const path = join(bench.dir, 'visit.json');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).not.toContain('my secret');
  });
});

describe('after a kill of the station', () => {
  it('the visit comes back to its screen', async () => {
    await bench.toReady();
    const { visitId } = bench.now;
    await bench.restart(60_000);
    expect(bench.now).toMatchObject({ screen: 'ready', visitId, wallet: { userId: USER_ID }, code: CODE });
  });

  it('the visit is not given to whoever comes two minutes later', async () => {
    await bench.toPay();
    const id = bench.now.purchase?.purchaseId;
    await bench.restart(120_001);
    expect(bench.now).toMatchObject({ screen: 'attract', visitId: null, wallet: null });
    expect(bench.relay.cancelled()).toEqual([`cancel ${id}`]);
    expect(readdirSync(bench.dir)).toEqual([]);
  });

  it('a visit that stood for long is resumed all the same, for it was alive to the end', async () => {
    await bench.toPay();
    await bench.pass(200_000);
    await bench.restart(10_000);
    expect(bench.now.screen).toBe('pay');
  });

  it('a payment goes on under the same purchase', async () => {
    await bench.toPay();
    const id = bench.now.purchase?.purchaseId;
    bench.relay.purchaseState = { status: 'paid', code: CODE };
    await bench.restart(5_000);
    await bench.pass(2_000);
    expect(bench.now).toMatchObject({ screen: 'codeShown', code: CODE, purchase: { purchaseId: id } });
    expect(bench.relay.calls.filter((call) => call.startsWith('checkout'))).toHaveLength(1);
  });

  it('a talk that was running is on a receipt, with the way to talk on', async () => {
    await bench.toTalk();
    const { talkId } = bench.account;
    const visitId = String(bench.now.visitId);
    const totals = { talkId, startedAtMs: 0, endedAtMs: 100_000, chargedSeconds: 100 };
    await bench.restart(5_000, { ...totals, endReason: 'station_restarted', userId: USER_ID, visitId });
    expect(bench.now).toMatchObject({
      screen: 'receipt',
      talk: null,
      receipt: { talkId, chargedSeconds: 100, remainingSeconds: 3500, endReason: 'station_restarted' },
    });
    bench.engine.caption(talkId, { id: 'c1', who: 'customer', text: 'as I said', final: true });
    await bench.does('startTalk');
    expect(bench.now.screen).toBe('talk');
    expect(bench.account.talkId).not.toBe(talkId);
    expect(bench.rooms.legs.at(-1)?.history).toMatchObject([{ text: 'as I said' }]);
  });

  it('a file that makes no sense is a visit of nobody', async () => {
    await bench.toReady();
    const path = join(bench.dir, 'visit.json');
    const { writeFileSync } = await import('node:fs');
    bench.engine.stop();
    writeFileSync(path, '{"version":1,"visitId":');
    await bench.restart(0);
    expect(bench.now).toMatchObject({ screen: 'attract', visitId: null });
    expect(readdirSync(bench.dir)).toEqual([]);
  });
});

describe('the wallet on the receipt', () => {
  it('is what the server says once all seconds are settled', async () => {
    await bench.toTalk();
    bench.account.chargedSeconds = 60;
    bench.account.remainingSeconds = 3540;
    const { talkId } = bench.account;
    await bench.does('endTalk');
    expect(bench.now.receipt).toMatchObject({ chargedSeconds: 60, remainingSeconds: 3540, settled: false });
    bench.metering.balanceNow = balanceOf(3541);
    bench.metering.emit({ type: 'settled', talkId });
    await bench.pass(0);
    expect(bench.now.receipt).toMatchObject({ settled: true, remainingSeconds: 3541 });
  });
});
