/**
 * Whether LiveKit knows this agent, and the way out when it never will. The framework tries again when a connection to
 * LiveKit breaks, but waits for ever for one that was taken and then stays silent (it has no time limit for handshake
 * and registration): customers would find no assistant while every process runs.
 */

const PROBE_TIMEOUT_MS = 500;
const LOOK_EVERY_MS = 5_000;
/** Half a minute: LiveKit answers a registration within a second, and the framework's own retries are 10 s apart. */
const SILENT_LOOKS_ALLOWED = 6;

/** `ok` when the worker says that it is registered; else what it says. */
export async function registration(workerPort: number): Promise<string> {
  try {
    const response = await answerOf(`http://127.0.0.1:${workerPort}/`);
    return response.ok ? 'ok' : await response.text();
  } catch {
    return 'starting';
  }
}

/** True when anything answers at LiveKit's address; while nothing does, waiting is right. */
export async function isServerUp(livekitUrl: string): Promise<boolean> {
  return answerOf(livekitUrl.replace(/^ws/, 'http')).then(
    () => true,
    () => false,
  );
}

export interface RegistrationProbes {
  isRegistered(): Promise<boolean>;
  /** A talk that runs has its own connection to LiveKit and must not be cut off. */
  isTalking(): boolean;
  isServerUp(): Promise<boolean>;
}

/**
 * Calls `onSilence` when LiveKit has answered, but not registered this agent, for half a minute on end.
 * @returns the function that ends the watch
 */
export function watchRegistration(probes: RegistrationProbes, onSilence: () => void): () => void {
  let silentLooks = 0;
  const timer = setInterval(async () => {
    const isFine = probes.isTalking() || (await probes.isRegistered()) || !(await probes.isServerUp());
    silentLooks = isFine ? 0 : silentLooks + 1;
    if (silentLooks === SILENT_LOOKS_ALLOWED) onSilence();
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function answerOf(url: string): Promise<Response> {
  return fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
}
