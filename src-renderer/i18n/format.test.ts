import { describe, expect, it } from 'vitest';
import { calendarDate, currencyName, longDuration, money, shortDuration } from './format.ts';

const units = { hour: 'h', minute: 'min', second: 's' };
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('time as people read it', () => {
  it.each([
    [0, '0 min'],
    [45, '45 s'],
    [119, '1 min 59 s'],
    [120, '2 min'],
    [2470, '41 min'],
    [3900, '1 h 5 min'],
    [19800, '5 h 30 min'],
  ])('%i seconds are %s', (seconds, text) => expect(plain(shortDuration(seconds, units))).toBe(text));

  it('has full words in each language for listening to', () => {
    expect(longDuration(3900, 'en')).toBe('1 hour, 5 minutes');
    expect(longDuration(19_800, 'de')).toBe('5 Stunden, 30 Minuten');
    expect(longDuration(0, 'fr')).toMatch(/^0\sseconde$/);
    expect(longDuration(120, 'ar')).toMatch(/دقيق/);
  });
});

describe('money', () => {
  it('has its currency and no more digits than the currency has', () => {
    expect(money(999, 'usd', 'en')).toBe('$9.99');
    expect(plain(money(4499, 'eur', 'de'))).toBe('44,99 €');
    expect(money(500, 'jpy', 'en')).toBe('¥500');
    expect(money(499.98, 'usd', 'en')).toBe('$5.00');
  });

  it('names the currency as in "prices in US dollars"', () => {
    expect(currencyName('usd', 'en')).toBe('US dollars');
    expect(currencyName('usd', 'de')).toBe('US-Dollar');
  });
});

it('writes dates with digits everyone can compare with a receipt', () => {
  expect(calendarDate('2027-11-23T10:00:00Z', 'ar')).toMatch(/23.*2027/);
});
