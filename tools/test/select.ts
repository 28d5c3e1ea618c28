/**
 * Which steps and files the words of a command line mean. A word that is the name of a step or a tier means all of it;
 * any other means the files whose path holds it, and the tests whose title does. Case does not matter.
 */
import type { Step, Tier } from './steps.ts';

export interface TestFile {
  path: string;
  /** Titles of its groups and tests, as they are written. */
  titles: readonly string[];
}

/** A part of a suite: these files; with a pattern, only their tests that fit it. */
export interface Part {
  files: readonly string[];
  /** A regular expression over titles, for the runner's own filter. */
  titlePattern?: string;
}

export interface Selection {
  step: Step;
  /** Absent: the whole step. */
  parts?: readonly Part[];
}

const TIERS: readonly Tier[] = ['check', 'test', 'long'];

/**
 * @param filesOf the test files of a step with a suite
 * @returns in the order of `steps`. Without words: all but the long tier. Empty: nothing fits
 */
export function select(
  steps: readonly Step[],
  words: readonly string[],
  filesOf: (step: Step) => readonly TestFile[],
): Selection[] {
  if (words.length === 0) return steps.filter(({ tier }) => tier !== 'long').map((step) => ({ step }));
  const isName = (word: string) =>
    TIERS.includes(word as Tier) || steps.some((step) => step.name === word.toLowerCase());
  const names = words.filter(isName).map((word) => word.toLowerCase());
  const needles = words.filter((word) => !isName(word));
  return steps.flatMap((step) => {
    if (names.includes(step.name) || names.includes(step.tier)) return [{ step }];
    if (!step.suite || needles.length === 0) return [];
    const parts = partsOf(filesOf(step), needles);
    return parts.length > 0 ? [{ step, parts }] : [];
  });
}

function partsOf(files: readonly TestFile[], needles: readonly string[]): Part[] {
  const holds = (text: string, needle: string) => text.toLowerCase().includes(needle.toLowerCase());
  const byPath = files.filter(({ path }) => needles.some((needle) => holds(path, needle)));
  const byTitle = files.filter(
    (file) =>
      !byPath.includes(file) && file.titles.some((title) => needles.some((needle) => holds(title, needle))),
  );
  const paths = (these: readonly TestFile[]) => these.map(({ path }) => path);
  return [
    ...(byPath.length > 0 ? [{ files: paths(byPath) }] : []),
    ...(byTitle.length > 0 ? [{ files: paths(byTitle), titlePattern: patternOf(needles) }] : []),
  ];
}

/** A pattern that finds any of the words in any case; neither runner has a flag for it. */
export function patternOf(needles: readonly string[]): string {
  const escaped = (letter: string) => letter.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
  const anyCase = (letter: string) => {
    const [lower, upper] = [letter.toLowerCase(), letter.toUpperCase()];
    return lower === upper ? escaped(letter) : `[${lower}${upper}]`;
  };
  return needles.map((needle) => [...needle].map(anyCase).join('')).join('|');
}

/** `it('…')`, `test.each(…)('…')`, `describe("…")`, also through a helper with a name of its own (`onBothVersions('…')`). */
const TITLE =
  /^[ \t]*(?:it|test|describe|onBothVersions)\b[.\w]*(?:\((?:[^()]|\([^()]*\))*\))?\(\s*(['"`])((?:\\.|(?!\1).)*)\1/gms;

/** Titles of the groups and tests in the text of a test file. */
export function titlesIn(source: string): string[] {
  return [...source.matchAll(TITLE)].map(([, , title = '']) => title.replace(/\\(.)/g, '$1'));
}
