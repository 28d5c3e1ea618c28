/** What /health says about the peers: asked in the background, so that the answer is there at once. */
import { startRepeating } from '../src-runtime/repeating.ts';

export interface Probe {
  /** `ok`, or what is wrong and what to do. */
  check(): string;
  stop(): void;
}

export interface ProbeOptions {
  ask(): Promise<unknown>;
  /** Said while it fails; the error may tell more of what to do. */
  trouble: string | ((error: unknown) => string);
  intervalMs: number;
  /** Between tries while it fails, so that recovery shows soon. */
  retryMs: number;
}

/** Asks at once and then again and again. */
export function startProbe({ ask, trouble, intervalMs, retryMs }: ProbeOptions): Probe {
  let line = 'not checked yet';
  const run = async () => {
    await ask();
    line = 'ok';
  };
  const failed = (error: unknown) => {
    line = typeof trouble === 'string' ? trouble : trouble(error);
  };
  return { check: () => line, stop: startRepeating(run, { intervalMs, retryMs, failed }) };
}
