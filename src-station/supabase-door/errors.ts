/**
 * What can go wrong at the door, as a closed set: callers decide by `kind` and never by the words of a message.
 */
import { DATABASE_ERRORS } from '../../src-shared/database.ts';

/** A refusal that a database function raises on purpose. */
export type DatabaseRefusal = (typeof DATABASE_ERRORS)[keyof typeof DATABASE_ERRORS];

export type DoorError =
  /** No answer, or a server that can't answer now. The call may or may not have had its effect: ask again. */
  | { kind: 'unreachable'; detail: string }
  /** The device account is not let in (wrong password, banned, token refused twice). Nothing was done. */
  | { kind: 'unauthorized'; detail: string }
  /** The function said no. Nothing was done. */
  | { kind: 'refused'; code: DatabaseRefusal; detail: string }
  /** An answer that the contract does not know: two versions that don't fit, or a fault on the other side. */
  | { kind: 'unexpected'; detail: string };

export type DoorResult<Value> = { ok: true; value: Value } | { ok: false; error: DoorError };

const REFUSALS: ReadonlySet<string> = new Set(Object.values(DATABASE_ERRORS));

function isRefusal(message: string): message is DatabaseRefusal {
  return REFUSALS.has(message);
}

/** The parts of a PostgREST error answer that decide what it means. */
export interface RestFailure {
  /** HTTP status; 0 when there was no answer. */
  status: number;
  /** SQLSTATE or PGRST code; empty when there was no answer. */
  code: string;
  message: string;
}

/** Sorts a failed data call. A missing function (404) means that the migrations have not run yet: ask again later. */
export function doorErrorOf(failure: RestFailure): DoorError {
  const detail = `${failure.status} ${failure.code} ${failure.message}`.trim().slice(0, 300);
  if (failure.code === 'P0001' && isRefusal(failure.message)) {
    return { kind: 'refused', code: failure.message, detail };
  }
  if (failure.status === 401) return { kind: 'unauthorized', detail };
  const askAgain = failure.status === 0 || failure.status === 404 || failure.status === 429;
  if (askAgain || failure.status >= 500) return { kind: 'unreachable', detail };
  return { kind: 'unexpected', detail };
}
