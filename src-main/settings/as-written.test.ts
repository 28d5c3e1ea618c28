import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asWritten } from './as-written.ts';
import { operatorEnvironment } from './operator-environment.ts';
import { readSettings } from './settings.ts';

describe('a setting as people write it', () => {
  it.each([
    ['LOG_LEVEL', 'INFO', 'info'],
    ['LOG_LEVEL', 'Warning', 'warn'],
    ['ENVIRONMENT', 'Development', 'development'],
    ['PAY_HERE', 'OFF', 'off'],
    ['LOG_LEVEL', '"debug"', 'debug'],
    ['OPENAI_LLM_MODEL', " ' GPT-x ' ", 'GPT-x'],
    ['OPENAI_LLM_MODEL', 'x\r', 'x'],
    ['OPENAI_LLM_MODEL', '\uFEFFx', 'x'],
    ['OPENAI_LLM_MODEL', '""', 'gpt-6-luna'],
    ['OPENAI_LLM_MODEL', ' ', 'gpt-6-luna'],
  ] as const)('%s=%j is %s', (name, written, meant) => {
    expect(readSettings({ [name]: written })[name]).toBe(meant);
  });

  it('is set only where something stands', () => {
    expect(asWritten({ A: '', B: '  ', C: "''", D: undefined, ' E ': 'x' })).toEqual({ E: 'x' });
  });
});

describe('DEBUG', () => {
  it.each([
    [{ DEBUG: 'true' }, 'debug'],
    [{ DEBUG: 'TRUE', LOG_LEVEL: 'INFO' }, 'debug'],
    [{ DEBUG: '1', LOG_LEVEL: 'trace' }, 'trace'],
    [{ DEBUG: 'false', LOG_LEVEL: 'warn' }, 'warn'],
    [{ DEBUG: '' }, 'info'],
    // Of another program's tracing; it says nothing to us.
    [{ DEBUG: 'express:*' }, 'info'],
  ])('%j logs at %s', (source, level) => {
    expect(readSettings(source).LOG_LEVEL).toBe(level);
  });
});

describe('the .env file', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'mindbot-env-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));
  const lines =
    'LOG_LEVEL=INFO\r\n OPENAI_API_KEY = "key" # mine\r\nSUPABASE_URL=\r\nexport PAY_HERE=\'on\'\r\n';
  const meant = { LOG_LEVEL: 'info', OPENAI_API_KEY: 'key', PAY_HERE: 'on' };

  it.each([
    ['UTF-8 with a byte-order mark', Buffer.from(`\uFEFF${lines}`)],
    ['UTF-16, as a Windows editor may write it', Buffer.from(`\uFEFF${lines}`, 'utf16le')],
  ])('is read in %s, with Windows line ends', (_, bytes) => {
    writeFileSync(join(dir, '.env'), bytes);
    expect(operatorEnvironment(join(dir, '.env'), {})).toEqual(meant);
  });

  it('is below the environment, whose empty values hide nothing of it', () => {
    writeFileSync(join(dir, '.env'), lines);
    const env = { LOG_LEVEL: 'warn', OPENAI_API_KEY: '' };
    expect(operatorEnvironment(join(dir, '.env'), env)).toEqual({ ...meant, LOG_LEVEL: 'warn' });
  });

  it('may be missing, but not be there and unreadable', () => {
    expect(operatorEnvironment(join(dir, 'none'), { A: 'x' })).toEqual({ A: 'x' });
    expect(() => operatorEnvironment(dir, {})).toThrow(/can't be read/);
  });
});
