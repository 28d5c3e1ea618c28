/**
 * The door of one simulated kiosk: calls go to the real SQL, and on the way requests and answers are lost, come late
 * or twice, or the machine dies while it waits. As `SupabaseDoor`, it knows whether the database answers.
 */
import {
  type LeaseAnswer,
  leaseAnswerSchema,
  type PostUsageAnswer,
  postUsageAnswerSchema,
  type UsageRow,
} from '../../src-shared/database.ts';
import { type Balance, balanceSchema } from '../../src-shared/relay-api.ts';
import type { MeteringDatabase } from '../../src-station/supabase-door/door.ts';
import { type DoorResult, doorErrorOf } from '../../src-station/supabase-door/errors.ts';
import type { Random } from '../support/common/random.ts';
import type { KioskCall } from './questions.ts';
import type { Reply } from './server.ts';

/** What may happen to a call on its way. */
type Fate = 'fine' | 'requestLost' | 'answerLost' | 'twice' | 'late';

export interface DoorParts {
  random: Random;
  /** Asks the server now. */
  ask: (call: KioskCall) => Promise<Reply>;
  /** A request on a slow way: it arrives some time later. */
  delay: (call: KioskCall) => void;
  note: (what: string) => void;
}

export class SimDoor implements MeteringDatabase {
  readonly #parts: DoorParts;
  readonly #listeners = new Set<(reachable: boolean) => void>();
  /** Calls being answered; the simulation goes on when there are none. */
  readonly inFlight = new Set<Promise<unknown>>();
  /** False: cut off. */
  isLinked = true;
  /** Probability that a call meets some trouble. */
  trouble = 0;
  /** The machine dies at its next call, before the server gets it or after it has answered. */
  deathAt: 'request' | 'answer' | null = null;
  /** The machine is dead: nothing is ever answered any more. */
  isDead = false;
  reachable = true;

  constructor(parts: DoorParts) {
    this.#parts = parts;
  }

  onReachable(listener: (reachable: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  balance(userId: string): Promise<DoorResult<Balance>> {
    return this.#call({ name: 'get_user_time_balance', userId }, balanceSchema);
  }

  openLease(leaseId: string, userId: string, visitId: string, seconds: number) {
    return this.#call<LeaseAnswer>(
      { name: 'open_lease', leaseId, userId, visitId, seconds },
      leaseAnswerSchema,
    );
  }

  extendLease(leaseId: string, n: number, seconds: number) {
    return this.#call<LeaseAnswer>({ name: 'extend_lease', leaseId, n, seconds }, leaseAnswerSchema);
  }

  postUsage(epoch: string, rows: readonly UsageRow[]) {
    return this.#call<PostUsageAnswer>({ name: 'post_usage', epoch, rows }, postUsageAnswerSchema);
  }

  /** The server was away for a while, as it is when it is restored. */
  lose(): void {
    this.#contact(false);
  }

  /** The probe of the real door: notices that the link is back. */
  probe(): void {
    if (this.isLinked && !this.reachable && !this.isDead) this.#contact(true);
  }

  #call<Value>(call: KioskCall, schema: { parse(value: unknown): Value }): Promise<DoorResult<Value>> {
    const answer = this.#send(call).then((reply): DoorResult<Value> | Promise<DoorResult<Value>> => {
      if (this.isDead) return new Promise<DoorResult<Value>>(() => undefined);
      this.#contact(reply !== null);
      if (reply === null) return { ok: false, error: { kind: 'unreachable', detail: 'no answer' } };
      if (reply.ok) return { ok: true, value: schema.parse(reply.value) };
      return { ok: false, error: doorErrorOf({ status: 400, code: 'P0001', message: reply.code }) };
    });
    return answer;
  }

  /** The reply, or null when none came. */
  #send(call: KioskCall): Promise<Reply | null> {
    const work = this.#deliver(call);
    this.inFlight.add(work);
    // A failure is thrown where the simulation waits for what is in flight.
    work.then(
      () => this.inFlight.delete(work),
      () => undefined,
    );
    return work;
  }

  async #deliver(call: KioskCall): Promise<Reply | null> {
    const { ask, delay, note } = this.#parts;
    if (this.isDead) return null;
    if (this.deathAt === 'request') {
      this.isDead = true;
      return null;
    }
    if (!this.isLinked) return null;
    const fate = this.#fate();
    if (fate !== 'fine') note(`${call.name}: ${fate}`);
    if (fate === 'requestLost') return null;
    if (fate === 'late') {
      delay(call);
      return null;
    }
    const reply = await ask(call);
    const last = fate === 'twice' ? await ask(call) : reply;
    if (this.deathAt === 'answer') this.isDead = true;
    return fate === 'answerLost' ? null : last;
  }

  #fate(): Fate {
    const { random } = this.#parts;
    if (!random.chance(this.trouble)) return 'fine';
    return random.oneOf<Fate>('requestLost', 'answerLost', 'twice', 'late');
  }

  #contact(there: boolean): void {
    if (there === this.reachable) return;
    this.reachable = there;
    for (const listener of [...this.#listeners]) listener(there);
  }
}
