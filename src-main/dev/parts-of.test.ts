import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProgramName } from '../build/programs.ts';
import { projectDir } from '../paths.ts';
import { isTouched, partsOf } from './parts-of.ts';
import { isSource } from './watch-sources.ts';

async function partsHere(name: ProgramName) {
  const answer = await partsOf(projectDir(), name, []);
  if (!answer.ok) throw new Error(answer.problem);
  return answer.parts;
}

describe('the files of a child', () => {
  it('are what it imports, and what it starts, reads and hands out by path', async () => {
    const [relay, station, supabase, agent] = await Promise.all(
      (['relay', 'station', 'supabase', 'agent'] as const).map(partsHere),
    );
    for (const [file, owners] of [
      ['src-relay/routes/server.ts', [relay]],
      ['src-relay/pages/pay-page.browser.ts', [relay]],
      ['src-station/main.ts', [station]],
      ['src-agent/job.ts', [agent]],
      ['src-embedded/supabase/bootstrap.sql', [supabase]],
      ['supabase/migrations/29991231000000_new.sql', [supabase]],
      ['src-shared/activation-code.ts', [relay, station]],
      ['src-runtime/child.ts', [relay, station, supabase, agent]],
      ['src-main/host/start-station.ts', []],
      ['src-renderer/kiosk/main.tsx', []],
    ] as const) {
      const touched = [relay, station, supabase, agent].filter((parts) => parts && isTouched(parts, [file]));
      expect([file, touched.length]).toEqual([file, owners.length]);
      expect(touched).toEqual(owners);
    }
  });
});

describe('a broken file of a child', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'mindbot-parts-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), text);
  };
  const look = (changed: string[]) => partsOf(dir, 'lan', changed);

  it('is told with its place, and is no graph', async () => {
    write(
      'src-embedded/lan/main.ts',
      "import { a } from './a.ts';\nimport 'zod';\nexport const b: number = a;\n",
    );
    const missing = await look([]);
    expect(missing).toMatchObject({ ok: false, problem: expect.stringMatching(/main\.ts:1.*a\.ts/s) });
    write('src-embedded/lan/a.ts', 'export const a = ;\n');
    expect(await look([])).toMatchObject({ ok: false, problem: expect.stringMatching(/lan\/a\.ts:1/) });
    write('src-embedded/lan/a.ts', 'export const a = 1;\n');
    const parts = new Set(['src-embedded/lan/main.ts', 'src-embedded/lan/a.ts']);
    expect(await look([])).toEqual({ ok: true, parts });
  });

  it('is also one that only Node can’t read', async () => {
    const file = 'src-embedded/lan/main.ts';
    write(file, 'export enum Kind { One }\n');
    expect(await look([file])).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/main\.ts: .*enum/),
    });
  });
});

describe('a saved file', () => {
  it('counts when a program may be made of it', () => {
    for (const file of ['src-relay/main.ts', 'src-embedded/supabase/bootstrap.sql', 'src-shared/x.json']) {
      expect([file, isSource(file)]).toEqual([file, true]);
    }
    for (const file of [
      'src-relay/model/codes.test.ts',
      'src-station/clock.test-kit.ts',
      'src-relay/.main.ts.swp',
      'src-relay/.#main.ts',
      'src-relay/#main.ts',
      'src-relay/main.ts~',
      'src-relay/4913',
      'src-relay',
    ]) {
      expect([file, isSource(file)]).toEqual([file, false]);
    }
  });
});
