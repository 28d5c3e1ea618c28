/** What the words after `npm test --` select. */
import { describe, expect, it } from 'vitest';
import { patternOf, select, type TestFile, titlesIn } from './select.ts';
import type { Step } from './steps.ts';

const suite = { runner: 'vitest', files: [] } as const;
const STEPS: Step[] = [
  { name: 'types', tier: 'check', needs: [], commands: [] },
  { name: 'unit', tier: 'check', needs: [], commands: [], suite },
  { name: 'end to end', tier: 'test', needs: [], commands: [], suite },
  { name: 'chaos', tier: 'long', needs: [], commands: [] },
];
const FILES: Record<string, TestFile[]> = {
  unit: [
    { path: 'src-station/metering/meter.test.ts', titles: ['counts whole seconds'] },
    { path: 'src-station/visit/talk.test.ts', titles: ['a talk', 'stops the Meter when the page is gone'] },
  ],
  'end to end': [{ path: 'tests/e2e/buying.spec.ts', titles: ['a declined card'] }],
};

function selected(...words: string[]) {
  return select(STEPS, words, ({ name }) => FILES[name] ?? []).map(({ step, parts }) => ({
    name: step.name,
    ...(parts && { parts }),
  }));
}

describe('words', () => {
  it('are all steps of the gate when there are none, and not the long ones', () => {
    expect(selected()).toEqual([{ name: 'types' }, { name: 'unit' }, { name: 'end to end' }]);
  });

  it('name steps and tiers', () => {
    expect(selected('End to End')).toEqual([{ name: 'end to end' }]);
    expect(selected('check')).toEqual([{ name: 'types' }, { name: 'unit' }]);
    expect(selected('long')).toEqual([{ name: 'chaos' }]);
  });

  it('take whole files by path and single tests by title, whatever the case', () => {
    expect(selected('METER')).toEqual([
      {
        name: 'unit',
        parts: [
          { files: ['src-station/metering/meter.test.ts'] },
          { files: ['src-station/visit/talk.test.ts'], titlePattern: '[mM][eE][tT][eE][rR]' },
        ],
      },
    ]);
    expect(selected('declined')).toMatchObject([
      { name: 'end to end', parts: [{ files: ['tests/e2e/buying.spec.ts'] }] },
    ]);
  });

  it('may be of both kinds, and select nothing', () => {
    expect(selected('types', 'buying')).toMatchObject([{ name: 'types' }, { name: 'end to end' }]);
    expect(selected('nowhere')).toEqual([]);
  });
});

it('a pattern means the letters, not what they stand for in a pattern', () => {
  const pattern = new RegExp(patternOf(['1.5 (s)', 'ten']));
  expect(pattern.test('waits 1.5 (S)')).toBe(true);
  expect(pattern.test('Ten')).toBe(true);
  expect(pattern.test('115 (s)')).toBe(false);
});

it('titles are found in all the ways they are written', () => {
  const source = `
    describe("the door", () => {
      it('isn\\'t open', async () => {});
      it.each([['a', f(1)], ['b', 2]])(
        'opens for %s', () => {});
      test(\`by key\`, () => {});
    });
    onBothVersions('leases', (database) => {});
    const unit = commit('no title');`;
  expect(titlesIn(source)).toEqual(['the door', "isn't open", 'opens for %s', 'by key', 'leases']);
});
