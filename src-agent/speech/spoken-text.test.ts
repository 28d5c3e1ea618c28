import { ReadableStream } from 'node:stream/web';
import { voice } from '@livekit/agents';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SpokenText } from './spoken-text.ts';

function cleaned(text: string, chunkCharacters = 1): { spoken: string; shown: string } {
  const cleaner = new SpokenText();
  const parts = [];
  for (let at = 0; at < text.length; at += chunkCharacters) {
    parts.push(...cleaner.push(text.slice(at, at + chunkCharacters)));
  }
  parts.push(...cleaner.end());
  return {
    spoken: parts.map(({ spoken }) => spoken).join(''),
    shown: parts.map(({ shown }) => shown).join(''),
  };
}

/** [written, spoken, shown]; shown is as spoken where it is missing. */
const CASES: [string, string, string?][] = [
  ['**Hi** 😀 [menu](https://a.b/c?d=1) | 1 | 2 |', 'Hi menu, 1, 2', 'Hi 😀 menu (https://a.b/c?d=1), 1, 2'],
  ['🎉', '', '🎉'],
  ['<b>x</b> &amp; <i class="y">z</i><!-- no -->', 'x & z'],
  ['Ein&nbsp;Caf&eacute; f&uuml;r 5&#8239;&euro;, &lt;gut&gt;&unknown;', 'Ein Café für 5\u202f€, <gut>'],
  ['one<br>two<br/>three', 'one\ntwo\nthree'],
  ['# Title\nText', 'Title\nText'],
  ['- one\n* **two**\n+ [ ] three', 'one\ntwo\nthree', '• one\n• two\n• three'],
  ['> quoted\n> > twice', 'quoted\ntwice'],
  ['1. one\n2. two', '1. one\n2. two'],
  ['| A | B |\n|---|:-:|\n| 1 | 2 |', 'A, B\n1, 2'],
  ['above\n\n---\n\nbelow\n***\nend', 'above\n\nbelow\nend'],
  ['*a* _b_ __c__ ***d*** ~~e~~ `f`', 'a b c d e f'],
  ['2 * 3, 2*3, 2**3, a*b, snake_case, __init__', '2 * 3, 2*3, 2**3, a*b, snake_case, init'],
  ['a _ b, ~5 \\*x\\*', 'a _ b, ~5 *x*'],
  ['```js\nlet x;\n```\nend', 'let x;\nend'],
  [
    'これは**重要**です。見てhttps://a.b/cを',
    'これは重要です。見てを',
    'これは重要です。見てhttps://a.b/cを',
  ],
  ['![A cat](cat.png "big")', 'A cat', 'A cat (cat.png)'],
  [
    '[**b** c](<https://a.b/(c)>), [d] and [e] (f)',
    'b c, [d] and [e] (f)',
    'b c (https://a.b/(c)), [d] and [e] (f)',
  ],
  ['See https://a.b/c?x=1. Or www.b.c, ok', 'See. Or, ok', 'See https://a.b/c?x=1. Or www.b.c, ok'],
  ['Mail <mailto:a@b.c> or <https://b.c>', 'Mail or', 'Mail mailto:a@b.c or https://b.c'],
  ['Well 👩‍👩‍👧 done 👍🏽 1️⃣ 🇩🇪 ✅ ☕', 'Well done 1', 'Well 👩‍👩‍👧 done 👍🏽 1️⃣ 🇩🇪 ✅ ☕'],
  ['Hi 😀\nYes', 'Hi\nYes', 'Hi 😀\nYes'],
  ['a < b && c > d, AT&T, <3', 'a < b && c > d, AT&T, <3'],
  ['20 °C © R&D 5 € #1 @me', '20 °C © R&D 5 € #1 @me'],
  ['می‌خواهم نمی‌دانم', 'می‌خواهم نمی‌دانم'],
  ['क्‍ष', 'क्‍ष'],
  ['Bonjour ! Ça va ?', 'Bonjour ! Ça va ?'],
  ['Hello  \r\n   there', 'Hello\nthere'],
];

describe('what a model writes', () => {
  test.each(CASES)('%j', (written, spoken, shown = spoken) => {
    expect(cleaned(written)).toEqual({ spoken, shown });
  });

  test('is held back only where it is undecided', () => {
    const cleaner = new SpokenText();
    const spoken = (text: string) =>
      cleaner
        .push(text)
        .map((part) => part.spoken)
        .join('');
    expect(spoken('Hello there, **big')).toBe('Hello there, big');
    expect(spoken('** [wo')).toBe('');
    expect(spoken('rld](http://x')).toBe('');
    expect(spoken('.y) and')).toBe(' world and');
  });

  test('would be spoken with marks by the filters of the framework', async () => {
    const written = '[menu](https://a.b) at https://a.b/c | 1 | <b>x</b> &amp;';
    const filtered = voice.textTransforms.applyTextTransforms(ReadableStream.from([written]), [
      'filter_markdown',
      'filter_emoji',
    ]);
    let text = '';
    for await (const chunk of filtered) text += chunk;
    expect(text).toMatch(/https|[|<]|&amp;/);
    expect(cleaned(written).spoken).not.toMatch(/https|[|<]|&amp;/);
  });
});

describe('the cleaned text', () => {
  test('waits for the other half of a character before it judges what stands before it', () => {
    const text = new SpokenText();
    const parts = [...text.push(`http_${'\u{10000}'[0]}`), ...text.push(`${'\u{10000}'[1]}`), ...text.end()];
    expect(parts.map(({ spoken }) => spoken).join('')).toBe('http_\u{10000}');
  });

  const bits = [
    ...'*_`~|[]()<>&;#-=!\\\n :/.,x5',
    ...[
      '**',
      '](',
      'https://a.b/c',
      'www.',
      '<b>',
      '</b',
      '<br>',
      '&amp;',
      '&#',
      '😀',
      '👩‍👩‍👧',
      '- ',
      '|--|',
      '```',
      'word',
      '字',
      '\n\n',
      '\u200d',
      '\ufe0f',
      'http',
    ],
  ];
  const someText = fc
    .array(fc.oneof(fc.constantFrom(...bits), fc.string({ unit: 'binary', maxLength: 5 })), { maxLength: 50 })
    .map((parts) => parts.join(''));

  test('does not depend on how the text is chunked', () => {
    fc.assert(
      fc.property(someText, fc.integer({ min: 1, max: 9 }), (text, chunk) => {
        expect(cleaned(text, chunk)).toEqual(cleaned(text, 100_000));
      }),
      { numRuns: 1_000 },
    );
  });

  test('has neither emoji nor half characters, and begins and ends without white space', () => {
    fc.assert(
      fc.property(someText, (text) => {
        const { spoken } = cleaned(text, 3);
        expect(spoken.isWellFormed()).toBe(true);
        expect(spoken).not.toMatch(/[😀👩]/u);
        expect(spoken).toBe(spoken.trim());
      }),
    );
  });
});
