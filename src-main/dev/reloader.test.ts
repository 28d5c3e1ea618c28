import { beforeEach, describe, expect, it } from 'vitest';
import type { ProgramName } from '../build/programs.ts';
import type { PartsAnswer } from './parts-of.ts';
import { Reloader } from './reloader.ts';

let answers: Partial<Record<ProgramName, PartsAnswer>>;
let restarted: string[];
let said: string[];
let startProblem: string | undefined;
let reloader: Reloader;

const partsWith = (...files: string[]): PartsAnswer => ({ ok: true, parts: new Set(files) });
const BROKEN: PartsAnswer = { ok: false, problem: 'line 7 is wrong' };

beforeEach(async () => {
  answers = {
    relay: partsWith('src-relay/main.ts', 'src-shared/codes.ts'),
    station: partsWith('src-station/main.ts', 'src-shared/codes.ts'),
  };
  restarted = [];
  said = [];
  startProblem = undefined;
  reloader = new Reloader({
    children: ['relay', 'station'],
    partsOf: async (child) => answers[child] ?? BROKEN,
    restart: async (child) => {
      restarted.push(child);
      return startProblem;
    },
    say: (line) => void said.push(line),
    nowMs: () => 0,
  });
  await reloader.learn();
});

describe('a save', () => {
  it('restarts the child of the file alone, and all whose file it is', async () => {
    await reloader.changed(['src-relay/main.ts']);
    expect(restarted).toEqual(['relay']);
    await reloader.changed(['src-shared/codes.ts']);
    expect(restarted.slice(1).sort()).toEqual(['relay', 'station']);
    expect(said[0]).toMatch(/relay restarted in 0 ms \(src-relay\/main\.ts\)/);
  });

  it('of files that nobody runs restarts nobody; of the host’s it says what to do', async () => {
    await reloader.changed(['src-relay/unused.ts']);
    expect([restarted, said]).toEqual([[], []]);
    await reloader.changed(['src-main/paths.ts']);
    expect(restarted).toEqual([]);
    expect(said.join()).toContain('start npm run dev again');
  });

  it('of a broken file leaves its child running, until any file mends it', async () => {
    answers.relay = BROKEN;
    await reloader.changed(['src-shared/codes.ts']);
    expect(restarted).toEqual(['station']);
    expect(said.join()).toMatch(/relay goes on as it is.*\nline 7 is wrong/);
    answers.relay = partsWith('src-relay/main.ts', 'src-relay/new.ts');
    await reloader.changed(['src-relay/new.ts']);
    expect(restarted).toEqual(['station', 'relay']);
  });

  it('learns new files from the one that brings them in', async () => {
    answers.relay = partsWith('src-relay/main.ts', 'src-relay/new.ts');
    await reloader.changed(['src-relay/main.ts']);
    await reloader.changed(['src-relay/new.ts']);
    expect(restarted).toEqual(['relay', 'relay']);
  });

  it('says why a child does not start any more', async () => {
    startProblem = 'Error: at start';
    await reloader.changed(['src-relay/main.ts']);
    expect(said.join()).toMatch(/relay does not start any more .*\nError: at start/);
  });

  it('waits for the one before it, and is not lost with it', async () => {
    const options = { children: ['relay' as const], say: () => undefined, nowMs: () => 0 };
    let calls = 0;
    const failing = new Reloader({
      ...options,
      partsOf: async () => {
        calls += 1;
        if (calls === 2) throw new Error('disk');
        return partsWith('src-relay/main.ts');
      },
      restart: async () => void restarted.push('relay'),
    });
    await failing.learn();
    const [first, second] = [failing.changed(['src-relay/main.ts']), failing.changed(['src-relay/main.ts'])];
    await expect(first).rejects.toThrow('disk');
    await second;
    expect(restarted).toEqual(['relay']);
  });
});
