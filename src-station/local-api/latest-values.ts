/**
 * A stream of the newest value: what is there at once, then one value after each change. A slow reader gets the
 * latest and misses those in between; nothing is queued.
 */
export async function* latestValues<Value>(
  read: () => Value,
  onChange: (listener: () => void) => () => void,
  signal: AbortSignal | undefined,
): AsyncGenerator<Value, void, void> {
  let changed = true;
  let wake: (() => void) | undefined;
  const ring = () => {
    changed = true;
    wake?.();
  };
  const stopListening = onChange(ring);
  const onAbort = () => wake?.();
  signal?.addEventListener('abort', onAbort);
  try {
    while (!signal?.aborted) {
      if (changed) {
        changed = false;
        yield read();
        continue;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      wake = undefined;
    }
  } finally {
    stopListening();
    signal?.removeEventListener('abort', onAbort);
  }
}
