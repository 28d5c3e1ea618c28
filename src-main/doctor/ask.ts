/** One harmless call to a service, with a short patience; never throws. */

const TIMEOUT_MS = 5_000;

export type Answer = { reached: true; status: number; body: string } | { reached: false; reason: string };

/** Asks `url`; whatever it answers is an answer. */
export async function ask(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    return { reached: true, status: response.status, body: await response.text() };
  } catch (error) {
    return { reached: false, reason: reasonOf(error) };
  }
}

/** The innermost reason: `fetch failed` alone helps nobody. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1000} s`;
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message || error.name;
}
