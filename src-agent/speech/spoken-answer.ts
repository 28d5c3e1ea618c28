/**
 * One answer as it is spoken and as its caption shows it. Promises: the caption of a piece is what was written where the
 * voice is, with addresses, emoji and the spaces between sentences; the captions joined are the answer's text; a piece
 * that was never heard has no caption.
 */
import { ReadableStream, TransformStream } from 'node:stream/web';
import { USERDATA_TIMED_TRANSCRIPT, type voice } from '@livekit/agents';
import type { AudioFrame } from '@livekit/rtc-node';
import { ClauseCutter } from './clauses.ts';
import type { Part } from './markup.ts';
import { SpokenText } from './spoken-text.ts';

/** Nothing waits here for its reader, as in the framework's own streams: an interrupted answer has none any more. */
const UNBOUNDED = { highWaterMark: Number.MAX_SAFE_INTEGER };

/** What the framework hands to the nodes of an agent. */
export type Incoming<T> = ReadableStream<T> | AsyncIterable<T>;

export class SpokenAnswer {
  readonly #text = new SpokenText();
  readonly #parts: Part[] = [];
  #spoken = '';
  #shown = '';
  /** Up to where the spoken text was heard, and the caption was given out. */
  #heardTo = 0;
  #shownTo = 0;

  /** Takes more of the answer. @returns what of it is spoken */
  push(text: string): string {
    return this.#keep(this.#text.push(text));
  }

  end(): string {
    return this.#keep(this.#text.end());
  }

  /** @param piece a part of the spoken text; pieces come in their order, but some may be missing */
  captionOf(piece: string): string {
    const at = this.#spoken.indexOf(piece, this.#heardTo);
    if (at < 0) return piece;
    if (at > this.#heardTo) this.#shownTo = Math.max(this.#shownTo, this.#shownBefore(at));
    this.#heardTo = at + piece.length;
    const from = this.#shownTo;
    this.#shownTo = Math.max(from, this.#shownBefore(this.#heardTo));
    return this.#shown.slice(from, this.#shownTo);
  }

  #keep(parts: readonly Part[]): string {
    const spoken = parts.map((part) => part.spoken).join('');
    this.#parts.push(...parts);
    this.#spoken += spoken;
    this.#shown += parts.map((part) => part.shown).join('');
    return spoken;
  }

  /** How much is shown before this place in the spoken text, with what is unspoken there. */
  #shownBefore(spokenCharacters: number): number {
    let spoken = 0;
    let shown = 0;
    for (const part of this.#parts) {
      const isWithin = spoken + part.spoken.length > spokenCharacters;
      if (isWithin) return part.shown ? shown + spokenCharacters - spoken : shown;
      spoken += part.spoken.length;
      shown += part.shown.length;
    }
    return shown;
  }
}

/** The answer's text as the voice is to have it. */
export function spokenStream(text: Incoming<string>, answer: SpokenAnswer): ReadableStream<string> {
  return readable(text).pipeThrough(
    new TransformStream<string, string>(
      {
        transform(chunk, controller) {
          const spoken = answer.push(chunk);
          if (spoken) controller.enqueue(spoken);
        },
        flush(controller) {
          const spoken = answer.end();
          if (spoken) controller.enqueue(spoken);
        },
      },
      UNBOUNDED,
      UNBOUNDED,
    ),
  );
}

/** The sound of an answer, whose pieces carry their captions instead of their spoken text. */
export function withCaptions(
  frames: ReadableStream<AudioFrame>,
  answer: SpokenAnswer,
): ReadableStream<AudioFrame> {
  return frames.pipeThrough(
    new TransformStream<AudioFrame, AudioFrame>(
      {
        transform(frame, controller) {
          const pieces = frame.userdata[USERDATA_TIMED_TRANSCRIPT] as voice.TimedString[] | undefined;
          if (pieces) {
            frame.userdata[USERDATA_TIMED_TRANSCRIPT] = pieces.map((piece) => ({
              ...piece,
              text: answer.captionOf(piece.text),
            }));
          }
          controller.enqueue(frame);
        },
      },
      UNBOUNDED,
      UNBOUNDED,
    ),
  );
}

/** Captions of a text that comes without sound: the same pieces as the voice would speak. Timed ones have theirs. */
export function captionStream(
  text: Incoming<string | voice.TimedString>,
): ReadableStream<string | voice.TimedString> {
  const answer = new SpokenAnswer();
  const cutter = new ClauseCutter();
  const captions = (pieces: readonly string[]) => pieces.map((piece) => answer.captionOf(piece)).join('');
  return readable(text).pipeThrough(
    new TransformStream<string | voice.TimedString, string | voice.TimedString>(
      {
        transform(chunk, controller) {
          const caption = typeof chunk === 'string' ? captions(cutter.push(answer.push(chunk))) : chunk;
          if (caption) controller.enqueue(caption);
        },
        flush(controller) {
          const caption = captions([...cutter.push(answer.end()), ...cutter.end()]);
          if (caption) controller.enqueue(caption);
        },
      },
      UNBOUNDED,
      UNBOUNDED,
    ),
  );
}

function readable<T>(source: Incoming<T>): ReadableStream<T> {
  return source instanceof ReadableStream ? source : ReadableStream.from(source);
}
