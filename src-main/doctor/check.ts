/** What a check of the doctor is: one file in checks/, one or more findings, each a line with what to do. */
import type { Ports } from '../../src-shared/ports.ts';
import type { EmbeddedParts } from '../settings/parts.ts';
import type { Settings } from '../settings/schema.ts';

export type Level = 'ok' | 'warn' | 'fail';

export interface Finding {
  /** What was looked at, for example `Microphone`. */
  name: string;
  level: Level;
  /** What was found. */
  text: string;
  /** What to do about it; always there unless all is well. */
  remedy?: string;
}

export interface DoctorContext {
  /** Undefined when they are wrong; `settingProblems` then says why. */
  settings: Settings | undefined;
  settingProblems: readonly string[];
  /** Everything embedded while the settings are wrong. */
  parts: EmbeddedParts;
  dataDir: string;
  projectDir: string;
  ports: Ports;
  /** Pid of the station that runs on `dataDir`; null when none does. */
  stationPid: number | null;
  env: Readonly<Record<string, string | undefined>>;
}

export type Check = (context: DoctorContext) => Promise<Finding[]> | Finding[];

export const ok = (name: string, text: string): Finding => ({ name, level: 'ok', text });
export const warn = (name: string, text: string, remedy: string): Finding => ({
  name,
  level: 'warn',
  text,
  remedy,
});
export const fail = (name: string, text: string, remedy: string): Finding => ({
  name,
  level: 'fail',
  text,
  remedy,
});
