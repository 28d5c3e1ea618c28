import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ANSWER_CHARACTERS } from './answer-limit.ts';
import { ClauseCutter, ClauseTokenizer, PIECE_CHARACTERS } from './clauses.ts';

/** Pieces in order, and after how many of the words each came out. */
async function pieces(text: string): Promise<{ text: string; afterWords: number }[]> {
  const stream = new ClauseTokenizer().stream();
  const found: { text: string; afterWords: number }[] = [];
  let words = 0;
  const reading = (async () => {
    for await (const { token } of stream) found.push({ text: token.trim(), afterWords: words });
  })();
  for (const word of text.match(/\s*\S+/g) ?? []) {
    stream.pushText(word);
    words += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  stream.endInput();
  await reading;
  return found;
}

const texts = async (text: string) => (await pieces(text)).map((piece) => piece.text);

describe('clauses', () => {
  test('the first clause goes out early, the rest by sentences', async () => {
    const text =
      'The smallest one is Starter, which has one hour, for ten dollars. Shall I open it, or not? It is quick.';
    const found = await pieces(text);
    expect(found.map((piece) => piece.text)).toEqual([
      'The smallest one is Starter,',
      'which has one hour, for ten dollars.',
      'Shall I open it, or not?',
      'It is quick.',
    ]);
    expect(found[0]?.afterWords).toBeLessThan(8);
  });

  test('a short opening is not chopped off', async () => {
    expect(await texts('Yes, of course you can do that.')).toEqual(['Yes, of course you can do that.']);
  });

  test('prices and times stay whole', async () => {
    expect(await texts('It costs 9.99 dollars at 10:30 today. That is all there is to say.')).toEqual([
      'It costs 9.99 dollars at 10:30 today.',
      'That is all there is to say.',
    ]);
  });

  test('no word is lost or doubled, whatever the language', async () => {
    for (const text of [
      'Bien sûr, je peux vous aider ; dites-moi tout ! Quel forfait ?',
      'مرحبا بك، كيف حالك اليوم؟ بقي لديك خمس دقائق.',
      'One. Two. Three, four, five and six, seven. Eight…',
      'No end and no mark',
    ]) {
      const joined = (await texts(text)).join(' ');
      expect(joined.split(/\s+/)).toEqual(text.split(/\s+/));
    }
  });
});

/** As the pieces come out of a stream in chunks of this many characters. */
function cutInChunks(text: string, chunkCharacters: number): string[] {
  const cutter = new ClauseCutter();
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += chunkCharacters) {
    pieces.push(...cutter.push(text.slice(at, at + chunkCharacters)));
  }
  return [...pieces, ...cutter.end()];
}

const sentences = (text: string) => cutInChunks(text, 3).map((piece) => piece.trim());

describe('a sentence', () => {
  test('keeps the number of a list with what it counts', () => {
    expect(
      sentences('These are what we have:\n1. Starter, one hour of talk.\n2. Plus, three hours of talk.'),
    ).toEqual(['These are what we have:', '1. Starter, one hour of talk.', '2. Plus, three hours of talk.']);
    expect(sentences('1. Starter has one hour. 2. Plus has three hours.')).toEqual([
      '1. Starter has one hour.',
      '2. Plus has three hours.',
    ]);
  });

  test.each([
    'It takes e.g. 1,000 seconds or, i.e. so to say, 3.5 times more.',
    'Ask Dr. Smith, Mr. Jones or Mrs. J. R. R. Miller of the U.S. Army about No. 5 and Fig. 3 first.',
    'Das ist z. B. am 3. Mai oder am 12. Juni bei Herrn Dr. Maier in der Nr. 5 bzw. Nr. 7 für 1.000 Euro usw. möglich.',
    'Il y a p. ex. M. Dupont, Mme. Durand et env. Vingt autres au no. 5.',
    'La Sra. López, el Sr. Gómez y Ud. Pueden venir p. ej. Hoy a las 3.5 horas.',
    'The shop is open till 5 p.m. on all days, etc. and so on.',
    'He said “Why not?” and left it at that.',
  ])('is not cut after an abbreviation or a number: %s', (sentence) => {
    const first = 'Well. ';
    expect(cutInChunks(first + sentence, 4).join('')).toBe(first + sentence);
    // Only clauses of the first piece may be cut, so one goes before.
    expect(sentences(first + sentence)).toEqual(['Well.', sentence]);
  });

  test.each([
    ['We always close at 5 p.m. Shall I book it for you?', 2],
    ['There are cards, codes etc. Shall I go on with it?', 2],
    ['I can not say that I said no. Shall I go on with it?', 2],
    ['The same is true, so do I. Shall I go on with it?', 2],
    ['Bonjour à tous les amis ! Ça va bien aujourd’hui ?', 2],
    ['Il a dit « Bonjour à tous. » Puis il est parti bientôt.', 2],
  ])('does end: %s', (text, count) => {
    expect(sentences(`Yes. ${text}`)).toHaveLength(1 + count);
  });

  test('ends without a space where the script has none', () => {
    expect(sentences('こんにちは。今日は良い天気ですね。「行きますか？」はい！')).toEqual([
      'こんにちは。',
      '今日は良い天気ですね。',
      '「行きますか？」',
      'はい！',
    ]);
    expect(sentences('您好!我可以帮您。价格是3.5元｡')).toEqual(['您好!', '我可以帮您。', '价格是3.5元｡']);
  });
});

describe('a text without marks', () => {
  const words = 'this answer simply goes on and on '.repeat(180);

  test('is begun after about 18 words, and cut at spaces into bounded pieces', () => {
    const pieces = cutInChunks(words, 7);
    expect(pieces[0]?.trim().split(' ')).toHaveLength(18);
    for (const piece of pieces) {
      expect(piece.length).toBeLessThanOrEqual(PIECE_CHARACTERS);
      expect(words.split(' ')).toEqual(expect.arrayContaining(piece.trim().split(' ')));
    }
  });

  test('is begun at its comma if it has one', () => {
    expect(cutInChunks(`And of course, ${words}`, 7)[0]).toBe('And of course, ');
  });

  test('and without spaces is cut between characters', () => {
    for (const character of ['字', '👩‍👩‍👧', 'e\u0301', 'ก']) {
      const pieces = cutInChunks(`a${character.repeat(1_500)}`, 5);
      expect(pieces[0]?.length).toBeLessThan(130);
      for (const piece of pieces) {
        expect(piece.length).toBeLessThanOrEqual(PIECE_CHARACTERS);
        expect(piece.replace(/^a/, '').replaceAll(character, '')).toBe('');
      }
    }
  });
});

describe('an answer', () => {
  const sentence = 'This is one of many sentences in an answer that does not end. ';

  test('is ended at a sentence', () => {
    const said = cutInChunks(sentence.repeat(60), 9).join('');
    expect(said.length).toBeGreaterThan(ANSWER_CHARACTERS - sentence.length);
    expect(said.trim().length).toBeLessThanOrEqual(ANSWER_CHARACTERS);
    expect(said).toMatch(/end\. ?$/);
  });

  test('of one endless sentence is ended, too', () => {
    const said = cutInChunks('on and on '.repeat(600), 9).join('');
    expect(said.length).toBeLessThanOrEqual(ANSWER_CHARACTERS + PIECE_CHARACTERS);
  });

  test('within the limit is whole', () => {
    const whole = sentence.repeat(19).trim();
    expect(whole.length).toBeLessThanOrEqual(ANSWER_CHARACTERS);
    expect(cutInChunks(whole, 9).join('')).toBe(whole);
  });
});

describe('pieces', () => {
  const bits = [
    'Yes',
    ' ',
    '. ',
    ', ',
    '\n',
    '! ',
    '…',
    '。',
    '」',
    '？',
    '字',
    'e.g. ',
    '3. ',
    'Dr. ',
    '😀',
    'é',
    '"',
    'word ',
    '!',
  ];
  const someText = fc
    .array(fc.oneof(fc.constantFrom(...bits), fc.string({ unit: 'grapheme', maxLength: 12 })), {
      maxLength: 60,
    })
    .map((parts) => parts.join('').replace(/\s{2,}/g, ' '));

  test('are the text again, have something to say, and are bounded', () => {
    fc.assert(
      fc.property(someText, fc.integer({ min: 1, max: 40 }), (text, chunk) => {
        const pieces = cutInChunks(text, chunk);
        for (const piece of pieces) {
          expect(piece).toMatch(/[\p{L}\p{N}]/u);
          expect(piece.length).toBeLessThanOrEqual(PIECE_CHARACTERS);
          expect(piece.isWellFormed()).toBe(true);
        }
        const said = pieces.join('');
        expect(text.trimStart().startsWith(said)).toBe(true);
        expect(text.trimStart().slice(said.length)).not.toMatch(/[\p{L}\p{N}]/u);
      }),
    );
  });

  test('do not depend on how the text arrived', () => {
    fc.assert(
      fc.property(someText, fc.integer({ min: 1, max: 9 }), (text, chunk) => {
        expect(cutInChunks(text, chunk)).toEqual(cutInChunks(text, 10_000));
      }),
    );
  });
});
