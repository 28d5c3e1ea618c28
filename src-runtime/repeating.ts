/** Work that is done again and again while a process lives: once at a time, and sooner after a failure. */

export interface Repeating {
  /** From the end of one run to the start of the next. */
  intervalMs: number;
  /** The same after a run that failed. */
  retryMs: number;
  /** Told of each failure. */
  failed(error: unknown): void;
}

/** Runs at once and then until the answered function is called; a run under way is not waited for. */
export function startRepeating(
  run: () => Promise<unknown>,
  { intervalMs, retryMs, failed }: Repeating,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const round = async () => {
    let waitMs = intervalMs;
    try {
      await run();
    } catch (error) {
      waitMs = retryMs;
      failed(error);
    }
    if (!isStopped) timer = setTimeout(() => void round(), waitMs);
  };
  void round();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
