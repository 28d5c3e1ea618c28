/** A provider's failure as an error: carries what is logged and told of it, and never what was said. */
import { APIConnectionError } from '@livekit/agents';
import type { ProviderFault, ProviderRole } from '../../src-shared/providers.ts';

/** Asking again at once would bring the same answer. */
const FINAL_STATUS: ReadonlySet<number> = new Set([400, 401, 403, 404, 422]);

/** The provider of a role, as faults name it. */
export interface ProviderName {
  role: ProviderRole;
  /** Host of its address. */
  provider: string;
  model: string;
}

/** Of the framework's own kind, so that it takes it for a failure of the provider and not for one of the program. */
export class ProviderError extends APIConnectionError {
  readonly fault: ProviderFault;

  constructor(name: ProviderName, kind: ProviderFault['kind'], status: number | null = null) {
    const { role, provider, model } = name;
    const answered = status === null ? kind : `${kind} (${status})`;
    super({ message: `${role}: ${provider} ${model}: ${answered}`, options: { retryable: false } });
    this.fault = { role, provider, model, kind, status };
  }

  /** False where only another provider, or another setting, can help. */
  get isPassing(): boolean {
    return isPassing(this.fault);
  }
}

export function isPassing({ status }: ProviderFault): boolean {
  return status === null || !FINAL_STATUS.has(status);
}

/** What made a request come to nothing, from the error of `fetch` or of a client's library. */
export function providerErrorOf(name: ProviderName, error: unknown, startedAnswer: boolean): ProviderError {
  if (error instanceof ProviderError) return error;
  const status = statusOf(error);
  if (status !== null && status >= 300) return new ProviderError(name, 'refused', status);
  if (isTimeout(error)) return new ProviderError(name, 'slow');
  // A tool's arguments come whole or not at all, so an answer may have begun of which nothing was seen.
  return new ProviderError(name, startedAnswer || isCut(error) ? 'cut' : 'unreachable');
}

function statusOf(error: unknown): number | null {
  for (const field of ['status', 'statusCode']) {
    const value = error instanceof Error ? Reflect.get(error, field) : undefined;
    if (typeof value === 'number' && value > 0) return value;
  }
  return null;
}

/** Words of Node's own client (undici) for a connection that ended within an answer. */
function isCut(error: unknown): boolean {
  return error instanceof Error && /terminated|premature close|other side closed/i.test(error.message);
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && /timeout|timed out|abort/i.test(`${error.name} ${error.message}`);
}
