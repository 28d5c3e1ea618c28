/** One station process for tests: the real metering core and store, over a scripted server and a clock in the test's hand. */
import { randomUUID } from 'node:crypto';
import { createLogger } from '../../src-runtime/log.ts';
import type { TalkHeartbeat } from '../../src-shared/visit.ts';
import type { ManualClock } from '../clock.test-kit.ts';
import { UsageStore } from '../store/index.ts';
import type { MeteringEvent, OpenTalkRefusal, TalkAccount } from './contract.ts';
import { MeteringCore } from './metering.ts';
import type { FakeServer } from './server.test-kit.ts';

export interface TestStationOptions {
  /** Folder of the store; the next process takes the same. */
  dir: string;
  clock: ManualClock;
  server: FakeServer;
  maxPages?: number;
  minFreeBytes?: number;
}

/** Whose talk it is. */
export interface TestVisit {
  userId: string;
  visitId: string;
}

const log = createLogger({ service: 'test', level: 'silent' });

export class TestStation {
  readonly store: UsageStore;
  readonly metering: MeteringCore;
  readonly events: MeteringEvent[] = [];
  readonly #clock: ManualClock;

  constructor({ clock, server, ...options }: TestStationOptions) {
    this.#clock = clock;
    this.store = new UsageStore({
      key: new Uint8Array(32),
      wallMs: () => clock.wallMs(),
      lockWaitMs: 0,
      ...options,
    });
    this.metering = new MeteringCore({ store: this.store, database: server, clock, log, random: () => 0.5 });
    this.metering.onEvent((event) => this.events.push(event));
  }

  /** Asks for a talk; the account, or why there is none. */
  ask(visit: TestVisit, talkId: string = randomUUID()): Promise<TalkAccount | OpenTalkRefusal> {
    return this.settle(this.metering.openTalk({ talkId, ...visit }));
  }

  /** Begins a talk. @throws when it is refused */
  async begin(visit: TestVisit, talkId?: string): Promise<TalkAccount> {
    const account = await this.ask(visit, talkId);
    if (typeof account === 'string') throw new Error(account);
    return account;
  }

  /** Talks for so many seconds, one heartbeat a second. */
  async talk(account: TalkAccount, seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      beat(account);
      await this.#clock.advanceAsync(1_000);
    }
  }

  /** Waits for `work` while time passes. */
  async settle<Value>(work: Promise<Value>): Promise<Value> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    for (let round = 0; !isDone; round++) await this.#clock.advanceAsync(round < 20 ? 0 : 50);
    return done;
  }

  named<Type extends MeteringEvent['type']>(type: Type): Extract<MeteringEvent, { type: Type }>[] {
    return this.events.filter(
      (event): event is Extract<MeteringEvent, { type: Type }> => event.type === type,
    );
  }

  /** The process dies: nothing is written any more, the lock goes with it. */
  kill(): void {
    this.store.close();
  }
}

/** A heartbeat of a talk whose both ends are well, but for `more`. */
export function beat(account: TalkAccount, more: Partial<TalkHeartbeat> = {}): void {
  account.heartbeat({
    talkId: account.talkId,
    leg: 1,
    connection: 'connected',
    agentAgeMs: 0,
    agentState: 'listening',
    agentSoundAgeMs: 0,
    lastVoiceAgeMs: 0,
    hearsAgent: true,
    canSpeak: true,
    microphoneLost: false,
    speakerLost: false,
    earsLost: false,
    ...more,
  });
}
