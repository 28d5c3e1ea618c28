import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { WORDS } from './index.ts';

const { en, ...OTHERS } = WORDS;

function leaves(words: object, path = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(words)) {
    const name = path ? `${path}.${key}` : key;
    if (typeof value === 'string') found.set(name, value);
    else for (const [inner, text] of leaves(value, name)) found.set(inner, text);
  }
  return found;
}

/** `{{time}}` and the like that a text fills in. */
function blanks(text: string): string[] {
  return [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? '').sort();
}

const PLURAL = /_(zero|one|two|few|many|other)$/;

describe.each(Object.entries(OTHERS))('words in %s', (locale, words) => {
  const english = leaves(en);
  const own = leaves(words);

  it('has every text, with the same blanks to fill in', () => {
    for (const [key, text] of english) {
      const theirs = own.get(key);
      expect(theirs, key).toBeTruthy();
      // "One second" may do without its figure.
      if (!PLURAL.test(key)) expect(blanks(theirs ?? ''), key).toEqual(blanks(text));
    }
  });

  it('has no text that nobody asks for, but for more plural forms', () => {
    const bases = new Set([...english.keys()].map((key) => key.replace(PLURAL, '')));
    for (const key of own.keys()) expect(bases.has(key.replace(PLURAL, '')), key).toBe(true);
  });

  it('has each plural form its language needs', () => {
    const forms = new Intl.PluralRules(locale).resolvedOptions().pluralCategories;
    const counted = new Set(
      [...english.keys()].filter((key) => PLURAL.test(key)).map((key) => key.replace(PLURAL, '')),
    );
    for (const base of counted)
      for (const form of forms) expect(own.has(`${base}_${form}`), `${base}_${form}`).toBe(true);
  });

  it('is really another language', () => {
    const same = [...english].filter(([key, text]) => /[a-z]{4}/i.test(text) && own.get(key) === text);
    expect(same.length).toBeLessThan(english.size / 10);
  });
});

/** What the components ask for: whole keys, and keys with a part that comes from the visit. */
function asked(): { whole: Set<string>; patterns: RegExp[] } {
  const folder = fileURLToPath(new URL('..', import.meta.url));
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.startsWith('i18n') && !name.includes('.test.'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
  const whole = new Set([...sources.matchAll(/['"`]([\w.]+)['"`]/g)].map(([, key]) => key ?? ''));
  const patterns = [...sources.matchAll(/\bt\(\s*`([^`]*)`/g)].map(
    ([, key = '']) => new RegExp(`^${key.replaceAll('.', '\\.').replace(/\$\{[^}]*\}/g, '.+')}$`),
  );
  return { whole, patterns };
}

describe('texts', () => {
  it('are asked for, each of them; one asked for that is not there does not compile', () => {
    const { whole, patterns } = asked();
    const keys = [...leaves(en).keys()].map((key) => key.replace(PLURAL, ''));
    const forgotten = keys.filter((key) => !whole.has(key) && !patterns.some((known) => known.test(key)));
    expect(forgotten).toEqual([]);
  });
});

describe('how we speak', () => {
  it.each(Object.entries(WORDS))('%s does not shout and keeps headlines short', (_locale, words) => {
    for (const [key, text] of leaves(words)) expect(text, key).not.toMatch(/[!¡！]/);
  });

  it('has English headlines of at most six words', () => {
    for (const [key, text] of leaves(en)) {
      if (/^\w+\.title$/.test(key)) expect(text.split(' ').length, `${key}: ${text}`).toBeLessThanOrEqual(6);
    }
  });
});
