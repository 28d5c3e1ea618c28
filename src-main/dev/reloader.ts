/**
 * What happens after a save: the children that the files belong to start again, and nobody else. A child whose files
 * are broken goes on with what it has until they are mended, and the terminal says why.
 */
import type { ProgramName } from '../build/programs.ts';
import { isTouched, type Parts, type PartsAnswer } from './parts-of.ts';

export interface ReloaderOptions {
  /** Children that run, of those that are programs of ours. */
  children: readonly ProgramName[];
  partsOf(child: ProgramName, changed: readonly string[]): Promise<PartsAnswer>;
  /** Starts a child again; resolves when it serves (undefined), or with why it does not. */
  restart(child: ProgramName): Promise<string | undefined>;
  say(line: string): void;
  /** Monotonic. */
  nowMs(): number;
}

export class Reloader {
  readonly #options: ReloaderOptions;
  readonly #parts = new Map<ProgramName, Parts>();
  /** Children with a broken file: the mending may come in any file, also in one that is new. */
  readonly #broken = new Set<ProgramName>();
  #work: Promise<void> = Promise.resolve();

  constructor(options: ReloaderOptions) {
    this.#options = options;
  }

  /** Learns what each child is made of. */
  async learn(): Promise<void> {
    await Promise.all(this.#options.children.map((child) => this.#look(child, [])));
  }

  /**
   * Takes the files of one save, as paths from the root of the project; one save is worked off after the other.
   * Resolves when its children serve again.
   */
  changed(files: readonly string[]): Promise<void> {
    const next = this.#work.then(() => this.#reload(files));
    // A fault of one save must not end those after it; who asked hears of it.
    this.#work = next.catch(() => undefined);
    return next;
  }

  async #reload(files: readonly string[]): Promise<void> {
    const { children, say } = this.#options;
    const touched = children.filter(
      (child) => this.#broken.has(child) || isTouched(this.#parts.get(child) ?? new Set(), files),
    );
    if (touched.length === 0) {
      if (files.some(isOfTheHost))
        say(`${files.join(', ')} belongs to the host: start npm run dev again to see it`);
      return;
    }
    const sound = await Promise.all(touched.map((child) => this.#look(child, files)));
    const able = touched.filter((_, index) => sound[index]);
    await Promise.all(able.map((child) => this.#restart(child, files)));
  }

  /** True when `child` could be started from its files. */
  async #look(child: ProgramName, files: readonly string[]): Promise<boolean> {
    const answer = await this.#options.partsOf(child, files);
    if (answer.ok) {
      this.#parts.set(child, answer.parts);
      this.#broken.delete(child);
      return true;
    }
    this.#broken.add(child);
    this.#options.say(`${child} goes on as it is, since its files are broken:\n${answer.problem}`);
    return false;
  }

  async #restart(child: ProgramName, files: readonly string[]): Promise<void> {
    const beganAtMs = this.#options.nowMs();
    const problem = await this.#options.restart(child);
    const tookMs = Math.round(this.#options.nowMs() - beganAtMs);
    this.#options.say(
      problem === undefined
        ? `${child} restarted in ${tookMs} ms (${files.join(', ')})`
        : `${child} does not start any more (${files.join(', ')}):\n${problem}`,
    );
  }
}

function isOfTheHost(file: string): boolean {
  return /^src-(main|embedded\/(postgres|livekit))\//.test(file);
}
