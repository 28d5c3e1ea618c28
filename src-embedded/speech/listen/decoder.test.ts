import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type DecoderModel, DecoderPool } from './decoder.ts';

let dir = '';
let model: DecoderModel;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  dir = mkdtempSync(join(tmpdir(), 'mindbot-decoder-'));
  const binary = join(dir, 'decoder');
  // Notes its start and its end; hears nothing.
  writeFileSync(
    binary,
    `#!/bin/sh\necho start >> ${dir}/life\ncat > ${dir}/heard\necho end >> ${dir}/life\n`,
  );
  chmodSync(binary, 0o755);
  writeFileSync(join(dir, 'life'), '');
  model = { binary, acousticModelDir: dir, dictionaryPath: dir, languageModelPath: dir };
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(dir, { recursive: true, force: true });
});

const life = () => readFileSync(join(dir, 'life'), 'utf8').trim().split('\n').join(' ');
const becomes = (expected: string) =>
  vi.waitFor(() => expect(life()).toBe(expected), { timeout: 5_000, interval: 5 });

test('a pool that may rest keeps none until it is warmed, and puts it away when nobody wants it', async () => {
  const pool = new DecoderPool(model, 1, 60_000);
  pool.warm();
  await becomes('start');
  vi.advanceTimersByTime(59_000);
  pool.warm();
  vi.advanceTimersByTime(59_000);
  expect(life()).toBe('start');
  vi.advanceTimersByTime(1_000);
  await becomes('start end');
  await pool.close();
});

test('a pool that never rests has its decoder at once and again after one was taken', async () => {
  const pool = new DecoderPool(model, 1);
  await becomes('start');
  const taken = pool.take();
  await becomes('start start');
  await taken.discard();
  await becomes('start start end');
  await pool.close();
  expect(life()).toBe('start start end end');
});
