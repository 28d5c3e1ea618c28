import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EndReason } from '../../src-shared/visit.ts';
import { visitSnapshotSchema } from '../../src-shared/visit.ts';
import { Bench, CODE } from './visit.test-kit.ts';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => {
  expect(() => visitSnapshotSchema.parse(bench.now)).not.toThrow();
  bench.close();
});

const TOP_UP_CODE = 'TTTT1234WXYZ';

function mustEnd(reason: EndReason): void {
  bench.metering.emit({ type: 'mustEnd', talkId: bench.account.talkId, reason });
}

describe('a talk', () => {
  it('opens its account, sends the agent to a new room and lets the page in', async () => {
    await bench.toTalk();
    expect(bench.now).toMatchObject({
      screen: 'talk',
      busy: false,
      talk: { leg: 1, room: { name: 'room-1', token: 'token-1' }, remainingSeconds: 3600 },
    });
    expect(bench.rooms.legs[0]?.metadata).toMatchObject({ demo: true, customerName: null, history: [] });
    expect(bench.account.beats).toHaveLength(1);
  });

  it.each(['no_time_left', 'database_unreachable', 'time_in_use_elsewhere'] as const)(
    'that metering refuses (%s) leaves the customer where he was, with the reason',
    async (refusal) => {
      bench.metering.refusal = refusal;
      await bench.toReady();
      await bench.does('startTalk');
      expect(bench.now).toMatchObject({ screen: 'ready', talk: null, problem: { code: refusal } });
    },
  );

  it('shows what the meter says', async () => {
    await bench.toTalk();
    bench.account.chargedSeconds = 7;
    bench.account.remainingSeconds = 3593;
    bench.tick();
    expect(bench.now.talk).toMatchObject({ meter: 'charging', chargedSeconds: 7, remainingSeconds: 3593 });
  });

  it('drops heartbeats of a leg that was left', async () => {
    await bench.toTalk();
    await bench.beat({ leg: 7 });
    expect(bench.account.beats).toHaveLength(1);
  });

  it('pauses and goes on, telling the meter and the agent', async () => {
    await bench.toTalk();
    await bench.does('pause');
    await bench.does('pause');
    expect(bench.account.calls.filter((call) => call === 'pause')).toHaveLength(1);
    expect(bench.now.talk?.commands).toMatchObject([{ kind: 'pause' }]);
    const [pause] = bench.now.talk?.commands ?? [];
    bench.engine.commandDone(String(pause?.id));
    await bench.does('resume');
    expect(bench.account.calls).toContain('resume');
    expect(bench.now.talk?.commands).toMatchObject([{ kind: 'resume' }]);
  });

  it('hands warnings of low time to the agent, each once', async () => {
    await bench.toTalk();
    const { talkId } = bench.account;
    bench.metering.emit({ type: 'lowTime', talkId, usableSeconds: 60 });
    expect(bench.now.talk?.commands).toMatchObject([{ kind: 'lowTime', usableSeconds: 60 }]);
  });

  it('ends at once when the customer says so, with a receipt and no room left behind', async () => {
    await bench.toTalk();
    const { talkId } = bench.account;
    await bench.does('endTalk');
    expect(bench.now).toMatchObject({ screen: 'receipt', talk: null, receipt: { endReason: 'customer' } });
    expect(bench.rooms.closed).toEqual([`${talkId} 1`]);
  });

  it('that charges a second in its end tells the rest without it', async () => {
    await bench.toTalk();
    bench.account.dueAtEnd = 1;
    await bench.does('endTalk');
    expect(bench.now.receipt).toMatchObject({ chargedSeconds: 1, remainingSeconds: 3599 });
  });

  it('is never left without closing its account: "start over" gives a receipt too', async () => {
    await bench.toTalk();
    await bench.does('startOver');
    expect(bench.account.calls).toContain('end customer');
    expect(bench.now.screen).toBe('receipt');
  });

  it('goes on from the receipt, with what was said', async () => {
    await bench.toTalk();
    const said = { id: 'c1', who: 'customer' as const, text: 'remember me', final: true };
    bench.engine.caption(bench.account.talkId, said);
    await bench.does('endTalk', 'startTalk');
    expect(bench.now).toMatchObject({ screen: 'talk', talk: { leg: 1 }, receipt: null });
    expect(bench.engine.history(String(bench.now.talk?.talkId))).toEqual([said]);
    expect(bench.rooms.legs.at(-1)?.history).toEqual([said]);
  });
});

describe('the end of the time', () => {
  it('is said goodbye to for six uncharged seconds, then comes the receipt', async () => {
    await bench.toTalk();
    mustEnd('time_up');
    expect(bench.now.talk?.commands).toMatchObject([{ kind: 'goodbye', reason: 'time_up' }]);
    await bench.pass(5_999);
    expect(bench.now.screen).toBe('talk');
    await bench.pass(1);
    expect(bench.now).toMatchObject({ screen: 'receipt', receipt: { endReason: 'time_up' } });
  });

  it.each(['storage_full', 'voice_lost'] as const)('for other reasons (%s) comes at once', async (reason) => {
    await bench.toTalk();
    mustEnd(reason);
    await bench.pass(0);
    expect(bench.now).toMatchObject({ screen: 'receipt', receipt: { endReason: reason } });
  });
});

describe('silence in a talk', () => {
  it('shows the question and asks aloud; a touch answers it', async () => {
    await bench.toTalk();
    const { talkId } = bench.account;
    bench.metering.emit({ type: 'stillThere', talkId });
    expect(bench.now).toMatchObject({
      stillThere: { secondsLeft: 30 },
      talk: { commands: [{ kind: 'stillThere' }] },
    });
    await bench.pass(10_000);
    expect(bench.now.stillThere).toEqual({ secondsLeft: 20 });
    await bench.does('stillHere');
    expect(bench.now.stillThere).toBeNull();
    expect(bench.account.calls).toContain('resume');
  });

  it('is over when metering hears a voice', async () => {
    await bench.toTalk();
    const { talkId } = bench.account;
    bench.metering.emit({ type: 'stillThere', talkId });
    bench.metering.emit({ type: 'silenceOver', talkId });
    expect(bench.now.stillThere).toBeNull();
  });

  it('a talk that was paused and left is asked about, then ended', async () => {
    await bench.toTalk();
    await bench.does('pause');
    for (let second = 0; second < 180; second++) {
      bench.tick('paused_by_customer');
      await bench.beat({});
      await bench.pass(1_000);
    }
    expect(bench.now.stillThere).toEqual({ secondsLeft: 20 });
    await bench.pass(20_000);
    expect(bench.now).toMatchObject({ screen: 'receipt', receipt: { endReason: 'silence' } });
  });

  it('a talk that runs is not asked about, however long nobody touches the screen', async () => {
    await bench.toTalk();
    for (let second = 0; second < 400; second++) {
      bench.tick();
      await bench.beat({});
      await bench.pass(1_000);
    }
    expect(bench.now).toMatchObject({ screen: 'talk', stillThere: null });
  });
});

describe('a lost agent', () => {
  it('gets a new leg with everything said so far', async () => {
    await bench.toTalk();
    const said = { id: 'c1', who: 'assistant' as const, text: 'hello', final: true };
    bench.engine.caption(bench.account.talkId, said);
    await bench.beat({ agentAgeMs: 8_001 });
    expect(bench.now.talk).toMatchObject({ leg: 1, room: null });
    await bench.pass(1_500);
    expect(bench.now.talk).toMatchObject({ leg: 2, room: { name: 'room-2' } });
    expect(bench.rooms.legs.at(-1)?.history).toEqual([said]);
  });

  it('tells its successor the whole sentence, also when a part of it arrived after its end', async () => {
    await bench.toTalk();
    const { talkId } = bench.account;
    const said = { id: 'c1', who: 'customer' as const, text: 'what is left on my card?', final: true };
    bench.engine.caption(talkId, said);
    bench.engine.caption(talkId, { ...said, text: 'what is', final: false });
    bench.engine.caption(talkId, { ...said, text: 'what is left' });
    await bench.beat({ agentAgeMs: 8_001 });
    await bench.pass(1_500);
    expect(bench.rooms.legs.at(-1)?.history).toEqual([said]);
  });

  it('reported by the LiveKit server gets a new leg at once, and only for the room of this leg', async () => {
    await bench.toTalk();
    bench.engine.roomLost('room-of-another-talk');
    expect(bench.now.talk?.room).not.toBeNull();
    bench.engine.roomLost('room-1');
    await bench.pass(1_500);
    expect(bench.now.talk).toMatchObject({ leg: 2, room: { name: 'room-2' } });
    bench.engine.roomLost('room-1');
    expect(bench.now.talk?.leg).toBe(2);
    expect(bench.now.talk?.room).not.toBeNull();
  });

  it('is not declared lost by a beat that is merely late', async () => {
    await bench.toTalk();
    await bench.beat({ agentAgeMs: 7_900 });
    expect(bench.now.talk?.room).not.toBeNull();
  });

  it('is paused in its new leg too when the customer had paused', async () => {
    await bench.toTalk();
    await bench.does('pause');
    await bench.beat({ agentAgeMs: 9_000 });
    await bench.pass(1_500);
    expect(bench.now.talk).toMatchObject({ leg: 2, commands: [{ kind: 'pause' }] });
  });

  it('ends the talk after three legs that came to nothing', async () => {
    await bench.toTalk();
    for (const waitMs of [1_500, 3_000, 0]) {
      await bench.beat({ agentAgeMs: 9_000 });
      await bench.pass(waitMs);
    }
    expect(bench.rooms.legs).toHaveLength(3);
    expect(bench.now).toMatchObject({ screen: 'receipt', receipt: { endReason: 'agent_lost' } });
    expect(bench.rooms.closed[0]).toMatch(/ 3$/);
  });

  it('starts counting afresh when a leg was well', async () => {
    await bench.toTalk();
    for (let round = 0; round < 5; round++) {
      await bench.beat({ agentAgeMs: 9_000 });
      await bench.pass(3_000);
      await bench.beat({});
    }
    expect(bench.now).toMatchObject({ screen: 'talk', talk: { leg: 6 } });
  });

  it('that never came is lost after 20 s', async () => {
    await bench.toReady();
    await bench.does('startTalk');
    await bench.beat({ agentAgeMs: null });
    await bench.pass(20_001);
    await bench.beat({ agentAgeMs: null });
    await bench.pass(1_500);
    expect(bench.now.talk?.leg).toBe(2);
  });

  it('with no LiveKit at all the talk ends after three tries, charged nothing', async () => {
    bench.rooms.down = true;
    await bench.toReady();
    await bench.does('startTalk');
    await bench.pass(10_000);
    expect(bench.rooms.legs).toHaveLength(3);
    expect(bench.now).toMatchObject({ receipt: { endReason: 'voice_lost', chargedSeconds: 0 } });
  });
});

describe('another language chosen in a talk', () => {
  it('is spoken at once, in a new leg with what was said, which knows of the change', async () => {
    bench.close();
    bench = new Bench({ demoSpeech: false });
    await bench.toTalk();
    bench.engine.caption(bench.account.talkId, { id: 'c', who: 'customer', text: 'Hello.', final: true });
    await bench.does({ type: 'setLocale', locale: 'de' });
    expect(bench.rooms.legs[1]?.metadata).toMatchObject({ leg: 2, locale: 'de', formerLocale: 'en' });
    expect(bench.rooms.legs[1]?.history).toHaveLength(1);
    await bench.does({ type: 'setLocale', locale: 'de' });
    expect(bench.rooms.legs).toHaveLength(2);
    expect(bench.now.talk?.leg).toBe(2);
  });

  it('changes nothing about a demo, which speaks English only', async () => {
    await bench.toTalk();
    await bench.does({ type: 'setLocale', locale: 'de' });
    expect(bench.rooms.legs).toHaveLength(1);
    expect(bench.now.locale).toBe('de');
  });
});

describe('the page', () => {
  it('that was reloaded gets a new room at once', async () => {
    await bench.toTalk();
    await bench.beat({ connection: 'connecting', agentAgeMs: null });
    expect(bench.now.talk).toMatchObject({ leg: 2, room: { name: 'room-2' } });
  });

  it('that is gone for two minutes ends the talk', async () => {
    await bench.toTalk();
    await bench.pass(119_000);
    expect(bench.now.screen).toBe('talk');
    await bench.pass(10_000);
    expect(bench.now).toMatchObject({ screen: 'receipt', receipt: { endReason: 'voice_lost' } });
  });
});

describe('topping up in a talk', () => {
  async function pay(): Promise<void> {
    bench.relay.validCodes.add(TOP_UP_CODE);
    bench.relay.purchaseState = { status: 'paid', code: TOP_UP_CODE };
    await bench.pass(2_000);
  }

  it('is an overlay; what was paid joins the wallet of the talk', async () => {
    await bench.toTalk();
    await bench.does('openTopUp');
    expect(bench.now).toMatchObject({ screen: 'talk', talk: { topUp: 'packages' } });
    await bench.does({ type: 'choosePackage', packageId: 'starter' });
    expect(bench.now).toMatchObject({ talk: { topUp: 'pay' }, purchase: { status: 'pending' } });
    expect(bench.account.calls.at(-1)).toBe('pending true');
    await pay();
    expect(bench.relay.redeemed.at(-1)).toEqual({ code: TOP_UP_CODE, userId: bench.account.userId });
    expect(bench.account.calls.slice(-2)).toEqual(['refresh', 'pending false']);
    expect(bench.now).toMatchObject({
      screen: 'talk',
      purchase: null,
      talk: { topUp: null, commands: [{ kind: 'toppedUp', remainingSeconds: 7_200 }] },
    });
  });

  it('that is closed again cancels the purchase and the talk goes on', async () => {
    await bench.toTalk();
    await bench.does({ type: 'openTopUp', packageId: 'starter' });
    expect(bench.now.talk?.topUp).toBe('pay');
    await bench.does('closeTopUp');
    expect(bench.now).toMatchObject({ screen: 'talk', purchase: null, talk: { topUp: null } });
    expect(bench.relay.cancelled()).toHaveLength(1);
    expect(bench.account.calls.at(-1)).toBe('pending false');
  });

  it('is cancelled when the talk ends before it is paid', async () => {
    await bench.toTalk();
    await bench.does({ type: 'openTopUp', packageId: 'starter' }, 'endTalk');
    expect(bench.now).toMatchObject({ screen: 'receipt', purchase: null, code: CODE });
    expect(bench.relay.cancelled()).toHaveLength(1);
  });

  it('that was paid but could not be redeemed yet is tried again, and its code is never lost', async () => {
    await bench.toTalk();
    await bench.does({ type: 'openTopUp', packageId: 'starter' });
    bench.relay.purchaseState = { status: 'paid', code: TOP_UP_CODE };
    await bench.pass(2_000);
    expect(bench.relay.redeemed).toHaveLength(2);
    await bench.does('endTalk');
    expect(bench.now).toMatchObject({ screen: 'receipt', code: TOP_UP_CODE });
  });

  it('succeeds at a later try', async () => {
    await bench.toTalk();
    await bench.does({ type: 'openTopUp', packageId: 'starter' });
    bench.relay.purchaseState = { status: 'paid', code: TOP_UP_CODE };
    await bench.pass(2_000);
    bench.relay.validCodes.add(TOP_UP_CODE);
    await bench.pass(3_000);
    expect(bench.now.talk).toMatchObject({ topUp: null, commands: [{ kind: 'toppedUp' }] });
  });
});

describe('the assistant’s tools', () => {
  const call = (tool: 'check_time_balance' | 'get_session_summary') =>
    bench.engine.stationCall({ tool, arguments: {} });

  it('speak from the same clock as the screen', async () => {
    await bench.toTalk();
    bench.account.remainingSeconds = 3_599;
    bench.tick();
    const answer = await call('check_time_balance');
    expect(answer).toMatchObject({ ok: true, spoken: 'You have 59 minutes left.' });
    expect(answer.data).toMatchObject({ remainingSeconds: bench.now.talk?.remainingSeconds });
  });

  it('are shown while they run', async () => {
    await bench.toTalk();
    await call('get_session_summary');
    expect(bench.now.talk?.activity).toBe('get_session_summary');
    await bench.pass(1_500);
    expect(bench.now.talk?.activity).toBeNull();
  });

  it('really open a purchase, and another one in its place', async () => {
    await bench.toTalk();
    const buy = (package_id: string) =>
      bench.engine.stationCall({ tool: 'start_purchase_process', arguments: { package_id } });
    expect(await buy('starter')).toMatchObject({ ok: true });
    await bench.pass(0);
    expect(bench.now).toMatchObject({ talk: { topUp: 'pay' }, purchase: { package: { id: 'starter' } } });
    expect(await buy('premium')).toMatchObject({ ok: true });
    await bench.pass(0);
    expect(bench.now).toMatchObject({ talk: { topUp: 'pay' }, purchase: { package: { id: 'premium' } } });
    expect(bench.relay.cancelled()).toHaveLength(1);
    expect(await buy('gold')).toMatchObject({
      ok: false,
      data: { validPackageIds: ['starter', 'premium'] },
    });
  });

  it('say so when no talk is running', async () => {
    expect(await call('check_time_balance')).toMatchObject({ ok: false });
  });
});
