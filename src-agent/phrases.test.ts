import { describe, expect, test } from 'vitest';
import { LOCALES } from '../src-shared/visit.ts';
import { phrasesFor } from './phrases.ts';

describe('phrases', () => {
  test('the English ones are these words', () => {
    const english = phrasesFor('en', false);
    expect(english.greeting({ name: null, remainingSeconds: 3540, demo: false })).toBe(
      'Hello. I am an AI assistant. You have 59 minutes left. How can I help you?',
    );
    expect(english.lowTime(60)).toBe('You have 1 minute left.');
    expect(english.lowTime(30)).toBe('You have 30 seconds left.');
    expect(english.toppedUp(7200)).toBe('Thank you. You now have 2 hours.');
  });

  test('the demo says that it is one, and speaks English whatever the screen does', () => {
    const demo = phrasesFor('ar', true);
    const greeting = demo.greeting({ name: 'Zoë', remainingSeconds: 60, demo: true });
    expect(greeting).toContain('Hello Zoë. I am an AI assistant, a scripted demo.');
  });

  test.each([
    ['de', 'KI-Assistent', '1 Minute.'],
    ['fr', 'assistante IA', '1 minute.'],
    ['es', 'asistente de IA', '1 minuto.'],
    ['ar', 'ذكاء اصطناعي', '1 دقيقة.'],
  ] as const)('in %s the greeting tells that it is an AI and the time left', (locale, ai, time) => {
    const greeting = phrasesFor(locale, false).greeting({ name: 'Ada', remainingSeconds: 119, demo: false });
    expect(greeting).toContain('Ada');
    expect(greeting).toContain(ai);
    expect(greeting).toContain(time);
  });

  test('each language has its own words for everything', () => {
    const all = LOCALES.map((locale) => phrasesFor(locale, false));
    for (const key of [
      'welcomeBack',
      'languageChanged',
      'afterTrouble',
      'noAnswer',
      'cannotHear',
      'stillThere',
      'timeUp',
      'goodbye',
    ] as const) {
      expect(new Set(all.map((phrases) => phrases[key])).size).toBe(LOCALES.length);
    }
    expect(new Set(all.map((phrases) => phrases.lowTime(30))).size).toBe(LOCALES.length);
  });
});
