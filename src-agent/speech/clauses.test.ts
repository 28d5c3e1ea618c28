import { describe, expect, test } from 'vitest';
import { ClauseTokenizer } from './clauses.ts';

/** Pieces in order, and after how many of the words each came out. */
async function pieces(text: string): Promise<{ text: string; afterWords: number }[]> {
  const stream = new ClauseTokenizer().stream();
  const found: { text: string; afterWords: number }[] = [];
  let words = 0;
  const reading = (async () => {
    for await (const { token } of stream) found.push({ text: token, afterWords: words });
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
