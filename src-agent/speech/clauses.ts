/**
 * Cuts the model's stream of words into pieces to be spoken: the first one as short as a clause, so that the voice
 * starts early; whole sentences after it, so that it sounds natural.
 */
import { tokenize } from '@livekit/agents';

/** A first clause shorter than this sounds chopped off. */
const FIRST_CLAUSE_CHARACTERS = 18;
/** Short sentences ("Yes.") are spoken together with the next one, except at the beginning. */
const SENTENCE_CHARACTERS = 20;
/** A piece is given out once so many characters of the next one are there. */
const CONTEXT_CHARACTERS = 6;

export class ClauseTokenizer extends tokenize.SentenceTokenizer {
  tokenize(text: string): string[] {
    return sentences(text).map(([piece]) => piece);
  }

  stream(): tokenize.SentenceStream {
    let first = true;
    const split = (text: string): Piece[] => {
      const pieces = first ? withFirstClause(sentences(text)) : sentences(text);
      // More than one piece: the stream takes the first of them now.
      if (pieces.length > 1) first = false;
      return pieces;
    };
    return new tokenize.BufferedSentenceStream(split, SENTENCE_CHARACTERS, CONTEXT_CHARACTERS, {
      firstTokenLength: 1,
    });
  }
}

/** A piece of text, where it begins and where it ends in the whole. */
type Piece = [text: string, start: number, end: number];

/** Sentences end at a full stop, question or exclamation mark (also Arabic and Spanish ones) before a space. */
function sentences(text: string): Piece[] {
  return cutAt(text, /[.!?؟…]+["”»)]*(?=\s)/gu);
}

function withFirstClause(pieces: Piece[]): Piece[] {
  const [head, ...rest] = pieces;
  if (!head) return pieces;
  const [text, start] = head;
  const [clause, ...remainder] = cutAt(text, /[,;:،–—](?=\s)/gu);
  if (!clause || remainder.length === 0 || clause[0].length < FIRST_CLAUSE_CHARACTERS) return pieces;
  const after = text.slice(clause[2]);
  const gap = after.length - after.trimStart().length;
  return [[clause[0], start, start + clause[2]], [after.trim(), start + clause[2] + gap, head[2]], ...rest];
}

function cutAt(text: string, marks: RegExp): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  const ends = Array.from(text.matchAll(marks), (match) => match.index + match[0].length);
  for (const mark of [...ends, text.length]) {
    const piece = text.slice(from, mark);
    const start = from + piece.length - piece.trimStart().length;
    if (piece.trim()) pieces.push([piece.trim(), start, mark]);
    from = mark;
  }
  return pieces;
}
