/**
 * Every call to the server goes through here: it is made on the real SQL and on the oracle, and both must say the same.
 */
import { isDeepStrictEqual } from 'node:util';
import { leaseAnswerSchema } from '../../src-shared/database.ts';
import type { Package } from './books/payments.ts';
import { emptyState, type State } from './books/state.ts';
import { type Question, Questions } from './questions.ts';
import type { Reply, SimDatabase } from './server.ts';
import { must } from './violation.ts';
import type { Witness } from './witness.ts';

export class Desk extends Questions {
  readonly #database: SimDatabase;
  readonly #witness: Witness;
  readonly #nowUs: () => number;
  /** What the server must hold. */
  state: State = emptyState();
  #backup: State = emptyState();
  /** Answers compared so far. */
  answers = 0;
  /** How often each function answered what: what a run has seen. */
  readonly seen = new Map<string, number>();

  /** @param nowUs the server's clock; moves on with each call */
  constructor(database: SimDatabase, packages: readonly Package[], witness: Witness, nowUs: () => number) {
    super(packages);
    this.#database = database;
    this.#witness = witness;
    this.#nowUs = nowUs;
  }

  async ask(question: Question): Promise<Reply> {
    const nowUs = this.#nowUs();
    const reply = await this.#database.call(question.call, nowUs);
    this.#compare(question, reply, nowUs);
    return reply;
  }

  /** Two calls at the same time: as if the second had come after the first. */
  async race(first: Question, second: Question): Promise<void> {
    const [firstUs, secondUs] = [this.#nowUs(), this.#nowUs()];
    const [one, two] = await this.#database.race(first.call, firstUs, second.call, secondUs);
    this.#compare(first, one, firstUs);
    this.#compare(second, two, secondUs);
  }

  async backUp(): Promise<void> {
    await this.#database.backUp();
    this.#backup = structuredClone(this.state);
  }

  async restore(): Promise<void> {
    await this.#database.restore();
    this.state = structuredClone(this.#backup);
  }

  #compare({ call, expect }: Question, reply: Reply, nowUs: number): void {
    const value = (reply.ok && typeof reply.value === 'object' ? reply.value : null) ?? {};
    const expected = expect(this.state, nowUs, value as Record<string, unknown>);
    const said = reply.ok
      ? Object.fromEntries(
          Object.keys(expected.ok ? expected.value : {}).map((key) => [
            key,
            key === '' ? reply.value : (value as Record<string, unknown>)[key],
          ]),
        )
      : { refused: reply.code };
    const wanted = expected.ok ? expected.value : { refused: expected.code };
    must(reply.ok === expected.ok && isDeepStrictEqual(said, wanted), `${call.name} answered otherwise`, {
      said: reply.ok && !expected.ok ? reply.value : said,
      wanted,
    });
    this.answers += 1;
    const outcome = `${call.name} ${reply.ok ? 'ok' : reply.code}`;
    this.seen.set(outcome, (this.seen.get(outcome) ?? 0) + 1);
    const lease = reply.ok ? leaseAnswerSchema.safeParse(reply.value) : null;
    if (lease?.success) this.#witness.promised(lease.data);
  }
}
