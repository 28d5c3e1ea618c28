import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkUsageLog } from '../src-main/doctor/checks/usage-log.ts';
import { projectDir } from '../src-main/paths.ts';
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

describe('verify-usage --acknowledge', () => {
  const alarms = () => {
    const store = new UsageStore({ dir: join(dataDir, 'station'), key: KEY, wallMs: () => 0 });
    const { quarantined } = store;
    store.close();
    return quarantined.length;
  };

  it('ends the alarm for good once the rows are exported; rows and proof stay', () => {
    const diagnosed = () => checkUsageLog({ dataDir, projectDir: projectDir() });
    expect(alarms()).toBe(1);
    expect(diagnosed()).toMatchObject([
      { level: 'fail', remedy: expect.stringContaining('--export FILE --acknowledge') },
    ]);
    const { status, stdout, stderr } = run('--export', join(dataDir, 'rows.jsonl'), '--acknowledge');
    expect(status).toBe(0);
    expect(stderr).toMatch(/Acknowledged: [0-9a-f-]{36}\./);
    expect(stdout).toMatch(/\(quarantined, acknowledged\): rows 1 to 1/);
    expect(stdout).toContain('verify-usage: talks=2 seconds=2 faults=0');
    expect(exported(join(dataDir, 'rows.jsonl'))).toHaveLength(2);
    expect(alarms()).toBe(0);
    expect(diagnosed()).toMatchObject([
      { level: 'warn', text: 'unbroken; 1 rows wait for the server; 1 kept aside, acknowledged' },
    ]);
    const again = run('--export', join(dataDir, 'later.jsonl'), '--acknowledge');
    expect(again.stderr).toContain('Nothing to acknowledge');
    expect(exported(join(dataDir, 'later.jsonl'))).toHaveLength(2);
  });

  it('a history that is kept aside later is an alarm again', () => {
    expect(run('--export', join(dataDir, 'rows.jsonl'), '--acknowledge').status).toBe(0);
    const store = new UsageStore({ dir: join(dataDir, 'station'), key: KEY, wallMs: () => 0 });
    store.quarantine(store.epoch, 'yet another history');
    store.close();
    expect(alarms()).toBe(1);
  });

  it('asks for the export first', () => {
    const alone = run('--acknowledge');
    expect(alone.status).toBe(1);
    expect(alone.stderr).toContain('--export FILE');
    expect(run('--acknowledge', '--export', join(dataDir, 'rows.jsonl'), '--talk', FIRST).status).toBe(1);
    expect(alarms()).toBe(1);
  });

  it('is refused while the station runs, and for a log that was changed', () => {
    const station = new UsageStore({ dir: join(dataDir, 'station'), key: KEY, wallMs: () => 0 });
    const beside = run('--export', join(dataDir, 'rows.jsonl'), '--acknowledge');
    station.close();
    expect(beside.status).toBe(1);
    expect(beside.stderr).toContain('Stop that station first');
    expect(alarms()).toBe(1);

    const secrets = { storeMacKey: Buffer.alloc(32, 6).toString('base64url') };
    writeFileSync(join(dataDir, 'secrets', 'local.json'), JSON.stringify(secrets));
    const changed = run('--export', join(dataDir, 'changed.jsonl'), '--acknowledge');
    expect(changed.status).toBe(1);
    expect(changed.stderr).toContain('Not acknowledged');
    expect(alarms()).toBe(1);
  });
});
