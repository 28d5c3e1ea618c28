/**
 * Whether every turn of the customer is answered with a sound. Promise: an assistant that thought and then listens again
 * without having said anything, while nobody spoke into it, is told of, once for each such turn.
 */

/** What is answered late, after a tool, begins to think again within this time. */
const SETTLED_AFTER_MS = 1_500;

export class AnswerWatch {
  readonly #onNothingSaid: () => void;
  #owesAnswer = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(onNothingSaid: () => void) {
    this.#onNothingSaid = onNothingSaid;
  }

  agentIs(state: string): void {
    clearTimeout(this.#timer);
    if (state === 'thinking') this.#owesAnswer = true;
    if (state === 'speaking') this.#owesAnswer = false;
    if (this.#owesAnswer && state !== 'thinking') {
      this.#timer = setTimeout(() => this.#nothingSaid(), SETTLED_AFTER_MS);
    }
  }

  /** The customer speaks, types, pauses or leaves: what was owed is not waited for any more. */
  excuse(): void {
    this.#owesAnswer = false;
    clearTimeout(this.#timer);
  }

  #nothingSaid(): void {
    this.#owesAnswer = false;
    this.#onNothingSaid();
  }
}
