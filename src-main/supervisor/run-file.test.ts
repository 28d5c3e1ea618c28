import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { currentBootId, ProcessRecord, processStartTime } from './run-file.ts';

let file = '';
beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'mindbot-run-')), 'run', 'processes.json');
});
afterEach(() => rmSync(join(file, '..', '..'), { recursive: true, force: true }));

const children = () => (JSON.parse(readFileSync(file, 'utf8')) as { children: object[] }).children;

describe('the run file', () => {
  it('names the children that run and forgets those that ended', () => {
    const record = new ProcessRecord(file);
    record.add('relay', process.pid);
    const startTime = processStartTime(process.pid);
    expect(children()).toEqual([{ name: 'relay', pid: process.pid, startTime }]);
    record.remove('relay');
    expect(children()).toEqual([]);
    expect(existsSync(`${file}.new`)).toBe(false);
  });

  it('does not name a process that is not there', () => {
    const record = new ProcessRecord(file);
    record.add('ghost', 2 ** 22 + 1);
    expect(children()).toEqual([]);
  });

  it('knows a process by its start time and the boot by its id', () => {
    expect(processStartTime(process.pid)).toMatch(/^\d+$/);
    expect(processStartTime(process.pid)).not.toBe(processStartTime(1));
    expect(processStartTime(2 ** 22 + 1)).toBeNull();
    expect(currentBootId()).toMatch(/^[0-9a-f-]{36}$/);
  });
});
