/**
 * Starting a child so that it can't outlive us: on Linux the kernel signals it when we die (`setpriv --pdeathsig`),
 * everywhere its stdin is a pipe whose end it watches. Each child leads its own process group, so that what it forked
 * (the agent's job processes) goes with it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { LaunchCommand } from './child-spec.ts';

const OUTPUT_FILE_MAX_BYTES = 10_000_000;

let setprivFound: boolean | undefined;

/** True where util-linux's setpriv knows --pdeathsig. */
export function hasSetpriv(): boolean {
  setprivFound ??=
    process.platform === 'linux' &&
    /pdeathsig/.test(spawnSync('setpriv', ['--help'], { encoding: 'utf8' }).stdout ?? '');
  return setprivFound;
}

/** The command that makes the kernel send `signal` to the program when its parent is gone (Linux; else unchanged). */
export function dyingWithParent(
  command: string,
  args: readonly string[],
  signal: string,
): [command: string, args: string[]] {
  return hasSetpriv() ? ['setpriv', ['--pdeathsig', signal, command, ...args]] : [command, [...args]];
}

/** Spawns `launch` as leader of its own process group, output appended to `outputFile` (0600). */
export function spawnChild(
  launch: LaunchCommand,
  parentDeathSignal: string,
  outputFile: string,
): ChildProcess {
  const output = openOutput(outputFile);
  try {
    const [command, args] = dyingWithParent(launch.command, launch.args, parentDeathSignal);
    return spawn(command, args, {
      env: { ...launch.env, MINDBOT_STDIN_LIFELINE: '1' },
      cwd: launch.cwd,
      detached: true,
      stdio: ['pipe', output, output],
    });
  } finally {
    closeSync(output);
  }
}

/** Sends a signal to the child's whole process group; a group that is gone is fine. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function openOutput(file: string): number {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > OUTPUT_FILE_MAX_BYTES) renameSync(file, `${file}.1`);
  return openSync(file, 'a', 0o600);
}
