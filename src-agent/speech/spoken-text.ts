/**
 * Makes of what a model writes what a voice can speak and what a caption shows, while it is being written. Promises:
 * Markdown, HTML, tables, addresses and emoji are never spoken; the caption keeps addresses and emoji, and has neither
 * marks nor tags; only what is not decided yet is held back; the result does not depend on how the text is chunked. The
 * framework's own filters ('filter_markdown', 'filter_emoji') leave tables, tags, entities and addresses, and drop the
 * address of a link before there is a caption. Pure.
 */
import { type Part, RULES } from './markup.ts';

const WHITE_SPACE = /\s+/uy;
const OPEN_WHITE_SPACE = /\s+$/uy;
/** Cells of a table: a pause between two of them. */
const CELL_BORDER = /[ \t]*\|[ \t|]*/uy;
const OPEN_CELL_BORDER = /[ \t]*\|[ \t|]*$/uy;
/** Latin words stand for themselves, so that an address is found where another script touches it. */
const WORD = /[A-Za-z0-9]+|(?:(?![A-Za-z0-9]|[\ufe00-\ufe0f]|\u20e3)[\p{L}\p{M}\p{N}])+|./suy;
/** No space is spoken before these where something unspoken stood between: "See https://a.b." */
const TIGHT = /^[,.!?;:)\]]/;

export class SpokenText {
  #text = '';
  #half = '';
  #previous = '';
  #isLineStart: boolean;
  #spokenEnd = '';
  #shownEnd = '';
  /** White space waits for the word after it, because what stands between may be unspoken. */
  #gap = '';
  #hasUnspoken = false;

  /** @param options `isWithinLine` for a text that begins in the middle of a line */
  constructor(options: { isWithinLine?: boolean } = {}) {
    this.#isLineStart = !options.isWithinLine;
  }

  /** Takes more of the text. @returns what is decided now */
  push(text: string): Part[] {
    const all = this.#half + text;
    // Half a character is no character yet: what stands before it is judged by the whole one.
    this.#half = /[\ud800-\udbff]$/.exec(all)?.[0] ?? '';
    this.#text += all.slice(0, all.length - this.#half.length);
    return this.#read(false);
  }

  /** The text is at its end. @returns what is left of it */
  end(): Part[] {
    this.#text += this.#half;
    this.#half = '';
    return this.#read(true);
  }

  #read(isEnd: boolean): Part[] {
    const parts: Part[] = [];
    let at = 0;
    while (at < this.#text.length) {
      const found = this.#next(at, isEnd);
      if (!found) break;
      parts.push(...found.parts.flatMap((part) => this.#joined(part)));
      const end = at + found.length;
      this.#previous = Array.from(this.#text.slice(Math.max(at, end - 2), end)).at(-1) ?? '';
      at = end;
    }
    this.#text = this.#text.slice(at);
    return parts;
  }

  /** What stands at this place, and how long it is; undefined while that is open. */
  #next(at: number, isEnd: boolean): { parts: Part[]; length: number } | undefined {
    const isOpen = (pattern: RegExp | undefined) =>
      !isEnd && pattern !== undefined && matchAt(pattern, this.#text, at);
    if (isOpen(OPEN_CELL_BORDER) || isOpen(OPEN_WHITE_SPACE)) return undefined;
    const border = matchAt(CELL_BORDER, this.#text, at);
    if (border) return { parts: this.#cellBorder(this.#after(at, border)), length: border[0].length };
    const space = matchAt(WHITE_SPACE, this.#text, at);
    if (space) return { parts: [gapPart(this.#spaceOf(space[0]))], length: space[0].length };
    for (const rule of RULES) {
      if (rule.atLineStart && !this.#isLineStart) continue;
      if (rule.atWordStart && /[A-Za-z0-9]/.test(this.#previous)) continue;
      if (isOpen(rule.open)) return undefined;
      const match = matchAt(rule.whole, this.#text, at);
      if (!match) continue;
      if (!rule.atLineStart) this.#isLineStart = false;
      const around = { match, previous: this.#previous, next: this.#after(at, match), clean: cleaned };
      return { parts: rule.parts(around), length: match[0].length };
    }
    this.#isLineStart = false;
    const word = matchAt(WORD, this.#text, at)?.[0] ?? '';
    return { parts: [{ spoken: word, shown: word }], length: word.length };
  }

  #after(at: number, match: RegExpExecArray): string {
    return this.#text.slice(at + match[0].length).match(/^./su)?.[0] ?? '';
  }

  /** The border at either end of a row is nothing. */
  #cellBorder(next: string): Part[] {
    if (this.#isLineStart || next === '' || next === '\n') return [];
    return /[\p{L}\p{N})\]%€$"'”»]/u.test(this.#spokenEnd)
      ? [{ spoken: ',', shown: ',' }, gapPart(' ')]
      : [gapPart(' ')];
  }

  #spaceOf(space: string): string {
    const lines = space.split('\n').length - 1;
    if (lines > 0) this.#isLineStart = true;
    return lines > 1 ? '\n\n' : lines === 1 ? '\n' : space.length === 1 ? space : ' ';
  }

  /** A part with its white space as it must be after what came before. */
  #joined(part: Part): Part[] {
    const space = /^\s+$/.exec(part.spoken || part.shown)?.[0];
    if (space) {
      if (rankOf(space) > rankOf(this.#gap)) this.#gap = space;
      return this.#shownSpace(part.shown);
    }
    this.#shownEnd = part.shown.at(-1) ?? this.#shownEnd;
    if (!part.spoken) {
      this.#hasUnspoken = true;
      return [part];
    }
    const isTight = this.#spokenEnd === '' || (this.#hasUnspoken && TIGHT.test(part.spoken));
    const gap = isTight ? '' : this.#gap;
    this.#gap = '';
    this.#hasUnspoken = false;
    this.#spokenEnd = Array.from(part.spoken.slice(-2)).at(-1) ?? '';
    return gap ? [{ spoken: gap, shown: '' }, part] : [part];
  }

  /** White space is shown once, a new line rather than a space. */
  #shownSpace(space: string): Part[] {
    const isMore = this.#shownEnd !== '\n' && (space.includes('\n') || !/^\s$/.test(this.#shownEnd));
    if (this.#shownEnd === '' || space === '' || !isMore) return [];
    this.#shownEnd = space.at(-1) ?? '';
    return [{ spoken: '', shown: space }];
  }
}

function cleaned(text: string): Part[] {
  const inner = new SpokenText({ isWithinLine: true });
  return [...inner.push(text), ...inner.end()];
}

function gapPart(space: string): Part {
  return { spoken: space, shown: space };
}

/** Which of two spaces is kept: a new line more than a space, a paragraph more than a line. */
function rankOf(space: string): number {
  return space.split('\n').length + Math.min(1, space.length);
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
