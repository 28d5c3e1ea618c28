import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageStore } from '../src-station/store/index.ts';

const TOOL = fileURLToPath(new URL('./verify-usage.ts', import.meta.url));
const KEY = Buffer.alloc(32, 5);
const [FIRST, SECOND] = [randomUUID(), randomUUID()];

let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'verify-usage-'));
  mkdirSync(join(dataDir, 'secrets'));
  const secrets = { storeMacKey: KEY.toString('base64url') };
  writeFileSync(join(dataDir, 'secrets', 'local.json'), JSON.stringify(secrets));
  const store = new UsageStore({ dir: join(dataDir, 'station'), key: KEY, wallMs: () => 0 });
  const ids = { leaseId: null, userId: null, visitId: null, note: '', atMs: 0 };
  store.append([{ kind: 'tick', talkId: FIRST, ...ids, seconds: 1 }]);
  store.quarantine(store.epoch, 'another history');
  store.append([{ kind: 'tick', talkId: SECOND, ...ids, seconds: 1 }]);
  store.close();
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const run = (...args: string[]) =>
  spawnSync(process.execPath, [TOOL, '--data', dataDir, ...args], { encoding: 'utf8' });

function exported(file: string): Record<string, unknown>[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('verify-usage --export', () => {
  it('writes every row as a line of JSON for its owner only, beside the proof', () => {
    const file = join(dataDir, 'rows.jsonl');
    const { status, stdout, stderr } = run('--export', file);
    expect(status).toBe(0);
    expect(stdout).toContain('verify-usage: talks=2 seconds=2 faults=0');
    expect(stderr).toContain(`2 lines written to ${file}`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(exported(file)).toMatchObject([
      { talkId: FIRST, standing: 'quarantined', reason: 'another history', proof: 'sealed' },
      { talkId: SECOND, standing: 'waiting', reason: null, proof: 'sealed' },
    ]);
  });

  it('writes one talk when asked for one, and never over another file', () => {
    const file = join(dataDir, 'rows.jsonl');
    expect(run('--talk', SECOND, '--export', file).status).toBe(0);
    expect(exported(file)).toMatchObject([{ talkId: SECOND }]);
    const again = run('--export', file);
    expect(again.status).toBe(1);
    expect(again.stderr).toContain('already exists');
    expect(exported(file)).toHaveLength(1);
  });

  it('still writes what can be read of a log that can not be verified', () => {
    writeFileSync(join(dataDir, 'station', 'usage.sqlite'), 'x'.repeat(20_000));
    const file = join(dataDir, 'rows.jsonl');
    expect(run('--export', file).status).toBe(1);
    expect(exported(file)).toEqual([{ file: 'usage.sqlite', unreadable: 'file is not a database' }]);
  });
});
