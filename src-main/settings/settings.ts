/**
 * The operator's settings, from the environment and `.env`, checked once at start. What is not set is embedded.
 * Promise: one message names everything missing, wrong or misspelt, and how to mend it.
 */
import { asWritten, type Source } from './as-written.ts';
import { misspelt } from './near-names.ts';
import { type Role, ruleProblems } from './rules.ts';
import { environmentSchema, type Settings } from './schema.ts';

export class SettingsError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const count = problems.length === 1 ? 'One setting needs' : `${problems.length} settings need`;
    super(
      `${count} your attention (environment or .env):\n${problems.map((problem) => `  • ${problem}`).join('\n')}\nNothing was started. Mend them and start again.`,
    );
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

/** Read as the log level (as-written.ts), so it is a name we know. */
const KNOWN_NAMES = [...Object.keys(environmentSchema.shape), 'DEBUG'];

/**
 * Checks all settings at once.
 * @param role what is started with them
 * @throws SettingsError naming every problem with its remedy; no value is repeated in it
 */
export function readSettings(source: Source, role: Role = 'station'): Settings {
  const values = asWritten(source);
  const result = environmentSchema.safeParse(values);
  const problems = [
    ...(result.error?.issues ?? []).map((issue) => `${issue.path.join('.')} ${issue.message}`),
    ...misspelt(Object.keys(values), KNOWN_NAMES).map(
      ([name, meant]) => `${name} is not a setting: did you mean ${meant}?`,
    ),
    ...ruleProblems(values, role),
  ];
  if (!result.success || problems.length > 0) throw new SettingsError(problems);
  return result.data;
}
