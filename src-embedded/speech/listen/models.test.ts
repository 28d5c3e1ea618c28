import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { domainDictionary, findSpeechModels } from './models.ts';

const FULL = 'the DH AH\nthe(2) DH IY\nthem DH EH M\nwho HH UW\ntime T AY M\n';

test('the domain dictionary has all pronunciations of its words, our own too, and no other words', () => {
  expect(domainDictionary(['the', 'who'], FULL)).toBe('the DH AH\nthe(2) DH IY\nwho HH UW\nwho(2) HH Y UW\n');
  expect(domainDictionary(['time'], FULL)).toBe('time T AY M\n');
});

test('a word that nobody can pronounce is named', () => {
  expect(() => domainDictionary(['the', 'mindbott'], FULL)).toThrow(/mindbott/);
});

test('a missing program or model is a reason with a remedy, not a crash', async () => {
  const workDir = await mkdtemp(join(tmpdir(), 'mindbot-models-'));
  try {
    const found = await findSpeechModels({ workDir, modelDir: '/nonexistent', searchPath: '/nonexistent' });
    expect(found).toMatchObject({ ok: false, reason: expect.stringMatching(/apt-get install pocketsphinx/) });
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
});
