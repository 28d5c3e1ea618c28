import { describe, expect, test } from 'vitest';
import type { JobMetadata } from '../src-shared/agent-link.ts';
import { instructionsFor } from './instructions.ts';

const job: JobMetadata = {
  visitId: '7a3c6a52-6d3c-4f0e-9b0a-1f2e3d4c5b6a',
  talkId: '8b4d7b63-7e4d-4a1f-8c1b-2a3f4e5d6c7b',
  leg: 1,
  locale: 'de',
  formerLocale: null,
  customerName: null,
  remainingSeconds: 60,
  demo: false,
  history: [],
};

describe('instructions', () => {
  test('forbid claiming to be a person and asking for secrets, and bind figures to tools', () => {
    const text = instructionsFor(job);
    expect(text).toMatch(/You are an AI and say so/);
    expect(text).toMatch(/Never claim to be a person/);
    expect(text).toMatch(/Never ask for a card number, a password, an address or an activation code/);
    expect(text).toMatch(/never guess such figures/);
  });

  test('name the language of the screen, but English in a demo, which says what it is', () => {
    expect(instructionsFor(job)).toContain('Speak German,');
    expect(instructionsFor(job)).not.toContain('demo');
    expect(instructionsFor({ ...job, demo: true })).toMatch(/Speak English,[\s\S]*scripted/);
  });

  test('name the person only when they gave their name', () => {
    expect(instructionsFor(job)).not.toContain('The person is called');
    expect(instructionsFor({ ...job, customerName: 'Ada' })).toContain('The person is called Ada.');
  });
});
