/**
 * `<dataDir>/run/processes.json`: which processes this station started, so that a start after kill -9 of the host can
 * end leftovers. A process is killed only when pid, start time and boot id all match: a recycled pid is never touched.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { signalGroup } from './spawn.ts';

const runFileSchema = z.object({
  bootId: z.string(),
  host: z.object({ pid: z.number().int(), startTime: z.string() }),
  children: z.array(z.object({ name: z.string(), pid: z.number().int(), startTime: z.string() })),
});
type RunFile = z.infer<typeof runFileSchema>;
type RecordedChild = RunFile['children'][number];

/** A killed process needs a moment to go, longer when it held much memory. */
const LEFTOVERS_TIMEOUT_MS = 10_000;
const POLL_MS = 20;

/** Kernel start time of a process (clock ticks since boot, field 22 of /proc/PID/stat); null when it is not running. */
export function processStartTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name in parentheses may hold spaces; fields are counted after the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

function isRunning(child: RecordedChild): boolean {
  return processStartTime(child.pid) === child.startTime;
}

export function currentBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'unknown';
  }
}

export class ProcessRecord {
  readonly #file: string;
  readonly #children = new Map<string, RecordedChild>();
  #leftovers: RecordedChild[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  /**
   * Ends what an earlier host left behind.
   * @returns names of the children killed
   * @throws Error when that host still runs (two stations on one data directory)
   */
  clearLeftovers(): string[] {
    const running = this.runningHost();
    if (running !== null) {
      throw new Error(
        `Another MindBot Kiosk (process ${running}) runs on this data directory. Stop it first, or start with --data OTHER_DIRECTORY --port-base N.`,
      );
    }
    const earlier = this.#read();
    if (!earlier || earlier.bootId !== currentBootId()) return [];
    this.#leftovers = earlier.children.filter(isRunning);
    for (const child of this.#leftovers) signalGroup(child.pid, 'SIGKILL');
    return this.#leftovers.map(({ name }) => name);
  }

  /** Resolves when all that `clearLeftovers` has ended is gone (their ports are free then), or after `timeoutMs`. */
  async leftoversGone(timeoutMs = LEFTOVERS_TIMEOUT_MS): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs;
    while (this.#leftovers.some(isRunning) && performance.now() < deadlineMs) await delay(POLL_MS);
  }

  /** Pid of another host that runs on this data directory now; null when there is none. */
  runningHost(): number | null {
    const written = this.#read();
    if (!written || written.bootId !== currentBootId() || written.host.pid === process.pid) return null;
    return processStartTime(written.host.pid) === written.host.startTime ? written.host.pid : null;
  }

  add(name: string, pid: number): void {
    const startTime = processStartTime(pid);
    if (startTime) this.#children.set(name, { name, pid, startTime });
    this.#write();
  }

  remove(name: string): void {
    this.#children.delete(name);
    this.#write();
  }

  #read(): RunFile | null {
    try {
      return runFileSchema.parse(JSON.parse(readFileSync(this.#file, 'utf8')));
    } catch {
      return null;
    }
  }

  #write(): void {
    const content: RunFile = {
      bootId: currentBootId(),
      host: { pid: process.pid, startTime: processStartTime(process.pid) ?? '' },
      children: [...this.#children.values()],
    };
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    writeFileSync(`${this.#file}.new`, JSON.stringify(content, null, 2), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }
}
