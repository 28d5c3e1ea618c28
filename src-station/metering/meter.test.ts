import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TalkHeartbeat } from '../../src-shared/visit.ts';
import { dueSeconds, type MeterInput, newMeter, recorded, stepMeter } from './meter.ts';
import { legStanding, type Meter, standing } from './meter-rules.ts';

const FAR = 10_000_000;
const TALK_ID = '11111111-1111-4111-8111-111111111111';

const GOOD: TalkHeartbeat = {
  talkId: TALK_ID,
  leg: 1,
  connection: 'connected',
  agentAgeMs: 200,
  agentState: 'listening',
  agentSoundAgeMs: 0,
  lastVoiceAgeMs: 100,
  hearsAgent: true,
  canSpeak: true,
  microphoneLost: false,
  speakerLost: false,
  earsLost: false,
};

/** A meter with its own time, which charges what is due as the account does. */
class Bench {
  meter: Meter;
  rows = 0;

  constructor(reservedSeconds = 3600, validUntilMs = FAR) {
    this.meter = newMeter(0, reservedSeconds, validUntilMs);
  }

  get state() {
    return standing(this.meter).state;
  }

  at(ms: number, input: MeterInput = { type: 'tick' }): this {
    this.meter = stepMeter(this.meter, input, ms);
    while (dueSeconds(this.meter) > 0) {
      this.rows += 1;
      this.meter = recorded(this.meter);
    }
    return this;
  }

  /** A heartbeat a second from `fromMs` to `toMs`, with ticks between. */
  run(fromMs: number, toMs: number, beat: Partial<TalkHeartbeat> = {}): this {
    for (let ms = fromMs; ms <= toMs; ms += 250) {
      const isBeat = (ms - fromMs) % 1000 === 0;
      this.at(ms, isBeat ? { type: 'beat', beat: { ...GOOD, ...beat } } : { type: 'tick' });
    }
    return this;
  }
}

describe('charging', () => {
  it('charges whole seconds while both ends are there and never rounds up', () => {
    const bench = new Bench().run(0, 10_900);
    expect(bench.state).toBe('charging');
    expect(bench.meter.chargedSeconds).toBe(10);
    expect(bench.rows).toBe(10);
  });

  it('carries fractions over a pause instead of dropping or rounding them', () => {
    const bench = new Bench().run(0, 1_500).at(1_500, { type: 'pause' });
    expect(bench.meter.chargedSeconds).toBe(1);
    bench.run(2_000, 9_000).at(9_000, { type: 'resume' }).run(9_000, 9_500);
    expect(bench.meter.chargedSeconds).toBe(2);
  });

  it('waits for the first heartbeat, the agent and the sound, for free', () => {
    const bench = new Bench().at(1_000).at(2_000);
    expect(bench.state).toBe('connecting');
    bench.run(2_000, 4_000, { connection: 'connecting', hearsAgent: false });
    expect(bench.state).toBe('connecting');
    bench.run(4_000, 6_000, { agentAgeMs: null, agentState: null, hearsAgent: false });
    expect(bench.state).toBe('connecting');
    bench.run(6_000, 8_000, { agentState: 'initializing', hearsAgent: false });
    bench.run(8_000, 9_000, { hearsAgent: false });
    bench.run(9_000, 10_000, { canSpeak: false, hearsAgent: false });
    expect(bench.state).toBe('connecting');
    expect(bench.meter.chargedSeconds).toBe(0);
  });

  it('charges at most three seconds after the page fell silent', () => {
    const bench = new Bench().run(0, 5_000);
    for (let ms = 5_250; ms < 30_000; ms += 250) bench.at(ms);
    expect(bench.state).toBe('page_unreachable');
    // The agent was last heard 200 ms before the page, so 7.8 s.
    expect(bench.meter.chargedSeconds).toBe(7);
  });

  it('counts the age of the agent heartbeat inside the page heartbeat', () => {
    const bench = new Bench().run(0, 3_000, { agentAgeMs: 3_001 });
    expect(bench.state).toBe('agent_unreachable');
    expect(bench.meter.chargedSeconds).toBe(0);
  });

  it('is free while a provider fails, while reconnecting and while the assistant is thinking too long', () => {
    expect(new Bench().run(0, 4_000, { agentState: 'failing' }).meter.chargedSeconds).toBe(0);
    expect(new Bench().run(0, 4_000, { connection: 'reconnecting' }).meter.chargedSeconds).toBe(0);
    const thinking = new Bench().run(0, 20_000, { agentState: 'thinking' });
    expect(thinking.state).toBe('provider_failing');
    expect(thinking.meter.chargedSeconds).toBe(5);
  });

  it('charges at most five seconds of waiting for a first sound, and again after it', () => {
    const bench = new Bench().run(0, 20_000, { lastVoiceAgeMs: null });
    expect(bench.state).toBe('connecting');
    expect(bench.meter.chargedSeconds).toBe(5);
    expect(bench.run(20_000, 22_000).state).toBe('charging');
    expect(bench.meter.chargedSeconds).toBe(7);
  });

  describe('a voice without sound', () => {
    /** Heartbeats of an assistant that says it speaks, its last sound at `soundAtMs`. */
    const speak = (bench: Bench, fromMs: number, toMs: number, soundAtMs: number | null) => {
      for (let ms = fromMs; ms <= toMs; ms += 250) {
        const agentSoundAgeMs = soundAtMs === null ? null : Math.max(0, ms - soundAtMs);
        const beat: TalkHeartbeat = { ...GOOD, agentState: 'speaking', agentSoundAgeMs };
        bench.at(ms, (ms - fromMs) % 1000 === 0 ? { type: 'beat', beat } : { type: 'tick' });
      }
      return bench;
    };

    it('is charged for two seconds, ten minutes of it too, and as little when it never sounded', () => {
      const never = new Bench();
      for (let ms = 0; ms <= 100_000; ms += 10_000) speak(never, ms, ms + 10_000, null);
      expect(never.state).toBe('provider_failing');
      expect(never.meter.chargedSeconds).toBe(2);
      const stalled = speak(new Bench(), 0, 10_000, Number.POSITIVE_INFINITY);
      speak(stalled, 11_000, 100_000, 10_000);
      expect(stalled.state).toBe('provider_failing');
      expect(stalled.meter.chargedSeconds).toBeLessThanOrEqual(12);
    });

    it('is a fault until sound is measured, whatever the assistant says of itself meanwhile', () => {
      const bench = speak(new Bench(), 0, 5_000, null);
      bench.run(6_000, 12_000, { agentState: 'listening', agentSoundAgeMs: null });
      speak(bench, 13_000, 14_000, null);
      expect(bench.state).toBe('provider_failing');
      expect(bench.meter.chargedSeconds).toBe(2);
      speak(bench, 15_000, 17_000, Number.POSITIVE_INFINITY);
      expect(bench.state).toBe('charging');
    });

    it('is a fault too when it is over before it is late; an answer cut off at once is none', () => {
      const short = speak(new Bench(), 0, 1_250, null);
      short.run(2_000, 6_000, { agentSoundAgeMs: null });
      expect(short.state).toBe('provider_failing');
      expect(short.meter.chargedSeconds).toBe(2);
      const cut = speak(new Bench(), 0, 250, null);
      cut.run(1_000, 6_000, { agentSoundAgeMs: null });
      expect(cut.state).toBe('charging');
    });

    it('costs the leg when it lasts: another one is made, which starts anew', () => {
      const bench = speak(new Bench(), 0, 9_000, null);
      expect(legStanding(bench.meter)).toBe('met');
      speak(bench, 10_000, 11_000, null);
      expect(legStanding(bench.meter)).toBe('lost');
      bench.run(12_000, 13_000, { leg: 2, agentState: 'listening', agentSoundAgeMs: null });
      expect(legStanding(bench.meter)).toBe('met');
      expect(bench.state).toBe('charging');
    });

    it('is none in the pause between two sentences, nor in a talk that listens', () => {
      const bench = speak(new Bench(), 0, 3_000, Number.POSITIVE_INFINITY);
      speak(bench, 4_000, 4_750, 3_000);
      expect(bench.state).toBe('charging');
      bench.run(5_000, 40_000, { agentSoundAgeMs: 30_000 });
      expect(bench.state).toBe('charging');
      expect(bench.meter.chargedSeconds).toBe(40);
    });
  });

  it('is free while the microphone, the loudspeaker or the ears are lost, and says which', () => {
    const bench = new Bench().run(0, 2_000).run(3_000, 9_000, { microphoneLost: true });
    expect(bench.state).toBe('microphone_lost');
    bench.run(10_000, 15_000, { speakerLost: true });
    expect(bench.state).toBe('speaker_lost');
    bench.run(15_250, 15_750, { earsLost: true });
    expect(bench.state).toBe('ears_lost');
    expect(bench.meter.chargedSeconds).toBeLessThanOrEqual(3);
    expect(bench.run(16_000, 18_000).state).toBe('charging');
  });

  it('never charges a gap in its own time', () => {
    const bench = new Bench().run(0, 2_000);
    bench.at(4_001);
    expect(bench.meter.chargedSeconds).toBe(2);
    expect(bench.state).toBe('page_unreachable');
    bench.run(4_100, 5_100);
    expect(bench.meter.chargedSeconds).toBe(3);
  });

  it('ignores heartbeats of a leg that was left', () => {
    const bench = new Bench().run(0, 1_000, { leg: 2 });
    bench.run(1_250, 6_000, { leg: 1 });
    expect(bench.state).toBe('page_unreachable');
  });
});

describe('silence', () => {
  const quiet = (bench: Bench, fromMs: number, toMs: number, voiceAtMs: number, more = {}) => {
    for (let ms = fromMs; ms <= toMs; ms += 1000)
      bench.at(ms, { type: 'beat', beat: { ...GOOD, lastVoiceAgeMs: ms - voiceAtMs, ...more } });
    return bench;
  };

  it('stops the clock after 45 s and ends 30 s later', () => {
    const bench = quiet(new Bench(), 0, 44_000, 0);
    expect(bench.state).toBe('charging');
    quiet(bench, 45_000, 60_000, 0);
    expect(bench.state).toBe('paused_by_silence');
    expect(bench.meter.chargedSeconds).toBe(45);
    quiet(bench, 61_000, 74_000, 0);
    expect(bench.meter.mustEnd).toBeNull();
    quiet(bench, 75_000, 75_000, 0);
    expect(bench.meter.mustEnd).toBe('silence');
    expect(bench.meter.chargedSeconds).toBe(45);
  });

  it('goes on when a voice comes back', () => {
    const bench = quiet(new Bench(), 0, 50_000, 0);
    quiet(bench, 51_000, 53_000, 50_500);
    expect(bench.state).toBe('charging');
  });

  it('does not take its own spoken question for an answer', () => {
    const bench = quiet(new Bench(), 0, 46_000, 0);
    for (let ms = 47_000; ms <= 49_000; ms += 1000)
      bench.at(ms, { type: 'beat', beat: { ...GOOD, lastVoiceAgeMs: 0, agentState: 'speaking' } });
    quiet(bench, 50_000, 60_000, 49_400);
    expect(bench.state).toBe('paused_by_silence');
    quiet(bench, 61_000, 62_000, 60_800);
    expect(bench.state).toBe('charging');
  });

  it('goes on when the customer touches the screen, with 45 s more', () => {
    const bench = quiet(new Bench(), 0, 50_000, 0).at(50_000, { type: 'resume' });
    expect(quiet(bench, 51_000, 94_000, 0).state).toBe('charging');
    expect(quiet(bench, 95_000, 96_000, 0).state).toBe('paused_by_silence');
  });

  it('asks too when nobody ever spoke', () => {
    const bench = new Bench().run(0, 46_000, { lastVoiceAgeMs: null });
    expect(bench.state).toBe('paused_by_silence');
  });

  it('does not count a time in which talking was impossible', () => {
    const bench = new Bench();
    for (let ms = 0; ms <= 50_000; ms += 1000)
      bench.at(ms, { type: 'beat', beat: { ...GOOD, lastVoiceAgeMs: ms, agentState: 'failing' } });
    quiet(bench, 51_000, 90_000, 0);
    expect(bench.state).toBe('charging');
  });
});

describe('the end of the time', () => {
  it('ends at zero, not before and not after', () => {
    const bench = new Bench(5).run(0, 4_750);
    expect(bench.meter.mustEnd).toBeNull();
    bench.at(5_000);
    expect(bench.meter.mustEnd).toBe('time_up');
    bench.run(5_250, 20_000);
    expect(bench.meter.chargedSeconds).toBe(5);
    expect(bench.state).toBe('ended');
  });

  it('waits three free minutes for a payment', () => {
    const bench = new Bench(2).at(0, { type: 'paymentPending', pending: true }).run(0, 10_000);
    expect(bench.state).toBe('waiting_for_payment');
    bench.run(10_000, 181_500);
    expect(bench.meter.mustEnd).toBeNull();
    bench.run(181_750, 182_500);
    expect(bench.meter.mustEnd).toBe('time_up');
    expect(bench.meter.chargedSeconds).toBe(2);
  });

  it('goes on with the seconds that a payment brought, and charges none of the wait', () => {
    const bench = new Bench(2).at(0, { type: 'paymentPending', pending: true }).run(0, 60_000);
    bench.at(60_000, { type: 'funds', reservedSeconds: 3602, validUntilMs: FAR });
    bench.at(60_000, { type: 'paymentPending', pending: false }).run(60_000, 62_000);
    expect(bench.state).toBe('charging');
    expect(bench.meter.chargedSeconds).toBe(4);
  });

  it('waits ten seconds for an answer about more time', () => {
    const bench = new Bench(2).at(0, { type: 'fundsAsked', asked: true }).run(0, 11_750);
    expect(bench.state).toBe('connecting');
    bench.run(12_000, 12_250);
    expect(bench.meter.mustEnd).toBe('time_up');
  });

  it('ends when the reserved seconds are no longer valid', () => {
    const bench = new Bench(3600, 4_500).run(0, 6_000);
    expect(bench.meter.mustEnd).toBe('time_up');
    expect(bench.meter.chargedSeconds).toBe(4);
  });

  it('ends when a second can not be recorded', () => {
    const bench = new Bench().run(0, 2_000).at(2_100, { type: 'storageFailed' });
    expect(bench.meter.mustEnd).toBe('storage_full');
    expect(bench.run(2_250, 5_000).meter.chargedSeconds).toBe(2);
  });

  it('ends when the agent stays away for 60 s, the page for 120 s, a pause lasts 10 min', () => {
    const agent = new Bench().run(0, 5_000).run(6_000, 65_250, { agentAgeMs: 60_000 });
    expect(agent.meter.mustEnd).toBe('agent_lost');
    const page = new Bench().run(0, 5_000);
    for (let ms = 5_250; ms < 123_000; ms += 250) page.at(ms);
    expect(page.meter.mustEnd).toBeNull();
    for (let ms = 123_000; ms < 128_500; ms += 250) page.at(ms);
    expect(page.meter.mustEnd).toBe('voice_lost');
    const pause = new Bench().run(0, 1_000).at(1_000, { type: 'pause' }).run(2_000, 600_750);
    expect(pause.meter.mustEnd).toBeNull();
    expect(pause.run(601_000, 602_000).meter.mustEnd).toBe('silence');
    expect(pause.meter.chargedSeconds).toBe(1);
  });
});

const beatArbitrary = fc.record({
  talkId: fc.constant(TALK_ID),
  leg: fc.constantFrom(1, 1, 1, 2),
  connection: fc.constantFrom('connected', 'connected', 'connected', 'connected', 'reconnecting'),
  agentAgeMs: fc.oneof({ weight: 6, arbitrary: fc.nat(1_500) }, fc.nat(5_000), fc.constant(null)),
  agentState: fc.constantFrom('listening', 'listening', 'thinking', 'speaking', 'failing', null),
  agentSoundAgeMs: fc.oneof({ weight: 6, arbitrary: fc.nat(1_500) }, fc.nat(60_000), fc.constant(null)),
  lastVoiceAgeMs: fc.oneof({ weight: 6, arbitrary: fc.nat(3_000) }, fc.nat(60_000), fc.constant(null)),
  hearsAgent: fc.constantFrom(true, true, true, false),
  canSpeak: fc.constantFrom(true, true, true, false),
  microphoneLost: fc.constantFrom(false, false, false, true),
  speakerLost: fc.constantFrom(false, false, false, false, true),
  earsLost: fc.constantFrom(false, false, false, false, true),
}) satisfies fc.Arbitrary<TalkHeartbeat>;

const inputArbitrary: fc.Arbitrary<MeterInput> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('beat' as const), beat: beatArbitrary }) },
  { weight: 8, arbitrary: fc.constant({ type: 'tick' as const }) },
  fc.constantFrom<MeterInput>({ type: 'pause' }, { type: 'resume' }, { type: 'resume' }),
  fc.record({ type: fc.constant('paymentPending' as const), pending: fc.boolean() }),
  fc.record({ type: fc.constant('fundsAsked' as const), asked: fc.boolean() }),
  fc.record({
    type: fc.constant('funds' as const),
    reservedSeconds: fc.integer({ min: 20, max: 60 }),
    validUntilMs: fc.integer({ min: 20_000, max: 200_000 }),
  }),
);
const stepsArbitrary = fc.array(
  fc.record({
    waitMs: fc.oneof({ weight: 9, arbitrary: fc.nat(1_200) }, fc.nat(4_000)),
    input: inputArbitrary,
  }),
  { maxLength: 120 },
);

describe('whatever happens', () => {
  it('charges no more than the time in which both ends were heard of and nothing was paused', () => {
    fc.assert(
      fc.property(stepsArbitrary, (steps) => {
        const bench = new Bench(60, 200_000);
        let nowMs = 0;
        let aliveUntilMs = 0;
        let paused = false;
        let leg = 0;
        let upperBoundMs = 0;
        for (const { waitMs, input } of steps) {
          const free = paused || waitMs > 2_000;
          if (!free) upperBoundMs += Math.max(0, Math.min(nowMs + waitMs, aliveUntilMs) - nowMs);
          if (waitMs > 2_000) aliveUntilMs = 0;
          nowMs += waitMs;
          if (input.type === 'pause') paused = true;
          if (input.type === 'resume') paused = false;
          if (input.type === 'beat' && input.beat.leg >= leg) {
            leg = input.beat.leg;
            const { agentAgeMs, connection, canSpeak, agentState } = input.beat;
            const talks =
              agentState === 'listening' || agentState === 'thinking' || agentState === 'speaking';
            const good = connection === 'connected' && canSpeak && talks && agentAgeMs !== null;
            aliveUntilMs = good ? nowMs + 3_000 - agentAgeMs : 0;
          }
          bench.at(nowMs, input);
          const { chargedSeconds, reservedSeconds } = bench.meter;
          expect(chargedSeconds * 1000).toBeLessThanOrEqual(upperBoundMs);
          expect(bench.rows).toBe(chargedSeconds);
          if (input.type !== 'funds')
            expect(chargedSeconds).toBeLessThanOrEqual(Math.max(60, reservedSeconds));
        }
      }),
      { numRuns: 400 },
    );
  });

  it('charges the same however often it looks', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1_900 }), { maxLength: 60 }), (waits) => {
        const bench = new Bench();
        const often = new Bench();
        let nowMs = 0;
        for (const [index, waitMs] of waits.entries()) {
          for (let ms = nowMs + 100; ms < nowMs + waitMs; ms += 100) often.at(ms);
          nowMs += waitMs;
          const input: MeterInput = index % 2 === 0 ? { type: 'beat', beat: GOOD } : { type: 'tick' };
          bench.at(nowMs, input);
          often.at(nowMs, input);
          expect(often.meter.chargedSeconds).toBe(bench.meter.chargedSeconds);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('charges a good talk in full', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1_900 }), { minLength: 1, maxLength: 200 }), (waits) => {
        const bench = new Bench().at(0, { type: 'beat', beat: GOOD });
        let nowMs = 0;
        for (const waitMs of waits) {
          nowMs += waitMs;
          bench.at(nowMs, { type: 'beat', beat: GOOD });
        }
        expect(bench.meter.chargedSeconds).toBe(Math.floor(nowMs / 1000));
      }),
      { numRuns: 100 },
    );
  });
});

describe('a leg', () => {
  const LOST_MS = 8_000;
  const NEVER_MET_MS = 20_000;
  const legAfter = (bench: Bench, ms: number, beat: Partial<TalkHeartbeat>) =>
    legStanding(bench.at(ms, { type: 'beat', beat: { ...GOOD, ...beat } }).meter);

  it('is met while page and agent hear of each other, whatever the agent is doing', () => {
    const bench = new Bench();
    expect(legAfter(bench, 0, {})).toBe('met');
    expect(legAfter(bench, 1_000, { agentAgeMs: 3_000, agentState: 'failing' })).toBe('met');
    expect(legAfter(bench, 2_000, { agentAgeMs: 3_001 })).toBe('waiting');
    expect(legAfter(bench, 3_000, { connection: 'reconnecting' })).toBe('waiting');
  });

  it('is lost when the agent has been silent for more than 8 s', () => {
    const bench = new Bench();
    expect(legAfter(bench, 0, { agentAgeMs: LOST_MS })).toBe('waiting');
    expect(legAfter(bench, 0, { agentAgeMs: LOST_MS + 1 })).toBe('lost');
  });

  it('is lost when no agent came for more than 20 s; a sleep of the machine does not count', () => {
    const bench = new Bench();
    const waits = { agentAgeMs: null, agentState: null };
    expect(legAfter(bench, 0, waits)).toBe('waiting');
    for (let ms = 1_000; ms <= NEVER_MET_MS; ms += 1_000) expect(legAfter(bench, ms, waits)).toBe('waiting');
    const sleptMs = 60_000;
    bench.at(NEVER_MET_MS + sleptMs);
    expect(legAfter(bench, NEVER_MET_MS + sleptMs, waits)).toBe('waiting');
    expect(legAfter(bench, NEVER_MET_MS + sleptMs + 1, waits)).toBe('lost');
  });

  it('is reloaded when a page that was in its room begins anew, and waits in the next leg', () => {
    const bench = new Bench();
    const begins = { connection: 'connecting', agentAgeMs: null, agentState: null } as const;
    expect(legAfter(bench, 0, begins)).toBe('waiting');
    expect(legAfter(bench, 1_000, {})).toBe('met');
    expect(legAfter(bench, 2_000, begins)).toBe('reloaded');
    expect(legAfter(bench, 3_000, { ...begins, leg: 2 })).toBe('waiting');
  });

  it('means nothing any more once the talk must end', () => {
    const bench = new Bench();
    bench.at(0, { type: 'storageFailed' });
    expect(legAfter(bench, 0, { agentAgeMs: LOST_MS + 1 })).toBe('waiting');
  });
});
