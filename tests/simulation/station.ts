/**
 * One kiosk of the simulation: the real metering core over the real store, its own clock, and a door that may fail. It
 * can be killed at any moment (objects dropped, nothing closed), suspended, have its disk copied and put back.
 */
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger } from '../../src-runtime/log.ts';
import { ManualClock } from '../../src-station/clock.test-kit.ts';
import type { OpenTalkRefusal, TalkAccount } from '../../src-station/metering/contract.ts';
import { MeteringCore } from '../../src-station/metering/metering.ts';
import type { UsageStoreOptions } from '../../src-station/store/usage-store.ts';
import type { MeteringDatabase } from '../../src-station/supabase-door/door.ts';
import type { Random } from '../support/common/random.ts';
import { type DoorParts, SimDoor } from './door.ts';
import type { Device } from './questions.ts';
import { type Witness, WitnessedStore } from './witness.ts';

const KEY = new Uint8Array(32).fill(7);
const LOG = createLogger({ service: 'simulation', level: 'silent' });
const STORE_FILES = ['usage.sqlite', 'usage.sqlite-wal'];

/** What a mutation may put in the place of the real parts. */
export interface StationParts {
  makeStore(options: UsageStoreOptions, witness: Witness, kioskId: string): WitnessedStore;
  wrapDatabase(door: SimDoor): MeteringDatabase;
}

export const REAL_PARTS: StationParts = {
  makeStore: (options, witness, kioskId) => new WitnessedStore(options, witness, kioskId),
  wrapDatabase: (door) => door,
};

export interface Visit {
  userId: string;
  visitId: string;
}

export interface StationOptions {
  name: string;
  dir: string;
  device: Device;
  random: Random;
  witness: Witness;
  parts: StationParts;
  wallMs: number;
  door: Omit<DoorParts, 'random'>;
}

export class Station {
  readonly #options: StationOptions;
  readonly name: string;
  readonly device: Device;
  visits: Visit[] = [];
  talk: TalkAccount | null = null;
  /** Whose talk was the last to begin here. */
  lastVisit: Visit | null = null;
  /** Both ends of the talk are well and the page tells so. */
  isHealthy = true;
  clock: ManualClock;
  door: SimDoor;
  store: WitnessedStore;
  core: MeteringCore;
  #lives = 0;
  #dir: string;
  /** How often the meter said that it was not charging. */
  stops = 0;
  hasDiskCopy = false;

  constructor(options: StationOptions) {
    this.#options = options;
    this.name = options.name;
    this.device = options.device;
    this.#dir = join(options.dir, 'life-0');
    this.clock = new ManualClock(options.wallMs);
    this.door = this.#newDoor();
    this.store = this.#openStore();
    this.core = this.#newCore();
  }

  async openTalk(talkId: string, visit: Visit): Promise<OpenTalkRefusal | 'begun' | 'died'> {
    let result: TalkAccount | OpenTalkRefusal | 'died' = 'died';
    const opening = this.core.openTalk({ talkId, ...visit }).then((account) => {
      result = account;
    });
    await this.settle(opening);
    if (typeof result === 'string') return result;
    this.talk = result;
    this.lastVisit = visit;
    return 'begun';
  }

  /** One second passes: the page tells how both ends are, the clock runs. */
  second(): void {
    const { talk } = this;
    if (talk && talk.state !== 'ended') {
      talk.heartbeat({
        talkId: talk.talkId,
        leg: 1,
        connection: 'connected',
        agentAgeMs: this.isHealthy ? 0 : null,
        agentState: 'listening',
        agentSoundAgeMs: 0,
        lastVoiceAgeMs: 0,
        hearsAgent: true,
        canSpeak: true,
        microphoneLost: false,
        speakerLost: false,
        earsLost: false,
      });
    }
    this.clock.advance(1_000);
    this.door.probe();
  }

  /** Waits until every question on its way is answered and its answer taken in; for `work` too, if it can end. */
  async settle(work: Promise<unknown> = Promise.resolve()): Promise<void> {
    let failure: unknown;
    work.catch((error: unknown) => {
      failure = error;
    });
    for (let quiet = 0; quiet < 2; ) {
      quiet = this.door.inFlight.size > 0 ? 0 : quiet + 1;
      await Promise.all(this.door.inFlight);
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (failure !== undefined) throw failure;
  }

  endTalk(): void {
    const { talk } = this;
    const { witness } = this.#options;
    if (!talk) return;
    const totals = talk.end('customer');
    this.talk = null;
    const durable = witness.talkSeconds.get(talk.talkId) ?? 0;
    witness.check(totals.chargedSeconds === durable, 'a talk charged other seconds than it wrote', {
      totals,
      durable,
    });
  }

  /** Power cut, kill -9: what is on the disk is all that is left. The next life opens it. */
  crash(): void {
    const charged = this.talk && { talkId: this.talk.talkId, seconds: this.talk.chargedSeconds };
    this.#reopen(this.#dir);
    const found = this.core.interruptedTalk;
    const isSame = found?.talkId === charged?.talkId && found?.chargedSeconds === charged?.seconds;
    this.#options.witness.check(isSame, 'a crash changed what is known of the running talk', {
      charged,
      found,
    });
  }

  copyDisk(): void {
    copyStore(this.#dir, join(this.#options.dir, 'copy'));
    this.hasDiskCopy = true;
  }

  /** The disk is replaced by the older copy of it, and the station starts from that. */
  restoreDisk(): void {
    this.#reopen(join(this.#options.dir, 'copy'));
  }

  /** The end of this kiosk. */
  scrap(): void {
    this.door.isDead = true;
    this.store.close();
    rmSync(this.#options.dir, { recursive: true, force: true });
  }

  #reopen(from: string): void {
    const old = { store: this.store, dir: this.#dir };
    this.door.isDead = true;
    this.#lives += 1;
    this.#dir = join(this.#options.dir, `life-${this.#lives}`);
    copyStore(from, this.#dir);
    this.talk = null;
    this.clock = new ManualClock(this.clock.wallMs());
    const { isLinked, trouble } = this.door;
    this.door = this.#newDoor();
    Object.assign(this.door, { isLinked, trouble, reachable: isLinked });
    this.store = this.#openStore();
    const { witness } = this.#options;
    const { findings } = this.store;
    witness.check(findings.length === 0, 'a store was not whole after a crash', findings);
    if (from !== old.dir) this.#forgetWhatTheCopyLacks();
    this.core = this.#newCore();
    old.store.close();
    rmSync(old.dir, { recursive: true, force: true });
  }

  #forgetWhatTheCopyLacks(): void {
    const { witness, device } = this.#options;
    witness.restoredKiosks.add(device.kioskId);
    for (const log of witness.epochs.values()) {
      if (log.kioskId === device.kioskId) witness.cutBack(log, this.store.head(log.epoch)?.lastSeq ?? 0);
    }
  }

  #newDoor(): SimDoor {
    return new SimDoor({ random: this.#options.random, ...this.#options.door });
  }

  #openStore(): WitnessedStore {
    const { parts, witness, device } = this.#options;
    const clock = this.clock;
    const options = { dir: this.#dir, key: KEY, wallMs: () => clock.wallMs(), minFreeBytes: 0 };
    return parts.makeStore(options, witness, device.kioskId);
  }

  #newCore(): MeteringCore {
    const { random, parts } = this.#options;
    const database = parts.wrapDatabase(this.door);
    const core = new MeteringCore({
      store: this.store,
      database,
      clock: this.clock,
      log: LOG,
      random: () => random.next(),
    });
    core.onEvent((event) => {
      if (event.type === 'tick' && event.state !== 'charging') this.stops += 1;
      if (event.type === 'mustEnd' && this.talk?.talkId === event.talkId) this.endTalk();
    });
    return core;
  }
}

/** Exactly the files of the store, as they are now. */
function copyStore(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  for (const file of STORE_FILES) {
    if (existsSync(join(from, file))) cpSync(join(from, file), join(to, file));
  }
}
