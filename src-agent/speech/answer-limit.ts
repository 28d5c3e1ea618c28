/**
 * Ends an answer that is too long to be listened to. Promises: an answer within the limit is whole; a longer one ends
 * with a sentence, or where its only sentence is longer than that, one piece later. Pure.
 */

/**
 * Most characters of one answer. They take about 80 seconds to speak (15 characters a second): nobody listens longer to
 * a machine without a turn of his own, and the customer pays for each of them.
 */
export const ANSWER_CHARACTERS = 1_200;
/** How much more a sentence may take that is under way. */
const OVERHANG_CHARACTERS = 300;

export class AnswerLimit {
  #characters = 0;
  #betweenSentences = true;
  #ended = false;

  /** Whether the next piece of the answer is still said. Once it is not, no later one is. */
  admits(piece: { text: string; endsSentence: boolean }): boolean {
    const length = this.#characters + piece.text.trim().length;
    const most = this.#betweenSentences ? ANSWER_CHARACTERS : ANSWER_CHARACTERS + OVERHANG_CHARACTERS;
    this.#ended ||= length > most;
    if (this.#ended) return false;
    // The space to the next one counts too.
    this.#characters = length + 1;
    this.#betweenSentences = piece.endsSentence;
    return true;
  }
}
