/**
 * Errors of the REST API in PostgREST's shape, `{code, message, details, hint}`, with the status that PostgREST gives
 * to each SQLSTATE (facts: docs of PostgREST, "Errors").
 */
import { DatabaseError } from 'pg';
import { isConnectionError } from '../database.ts';
import type { ApiRole } from '../keys.ts';

export interface RestErrorBody {
  code: string;
  message: string;
  details: string | null;
  hint: string | null;
}

/** A request that this API refuses or can't serve. */
export class RestError extends Error {
  readonly status: number;
  readonly body: RestErrorBody;
  constructor(
    status: number,
    code: string,
    message: string,
    details: string | null = null,
    hint: string | null = null,
  ) {
    super(message);
    this.status = status;
    this.body = { code, message, details, hint };
  }
}

/** The request is of a shape that PostgREST may know, but this embedded server does not. */
export function unsupported(what: string): RestError {
  const hint =
    'The embedded Supabase serves only what the product uses; a Supabase project serves all of it.';
  return new RestError(400, 'PGRST100', `${what} is not supported here`, null, hint);
}

/** SQLSTATE (or its class) → status; the longer key wins. */
const STATUS_BY_STATE: Readonly<Record<string, number>> = {
  '08': 503,
  '09': 500,
  '0L': 403,
  '0P': 403,
  '23503': 409,
  '23505': 409,
  '25006': 405,
  '25': 500,
  '28': 403,
  '2D': 500,
  '38': 500,
  '39': 500,
  '3B': 500,
  '40': 500,
  '42883': 404,
  '42P01': 404,
  '42P17': 500,
  '53400': 500,
  '53': 503,
  '54': 500,
  '55': 500,
  '57P01': 503,
  '57': 500,
  '58': 500,
  F0: 500,
  HV: 500,
  P0001: 400,
  P0: 500,
  XX: 500,
};

/** Status for the SQLSTATE of a failed statement run as `role`. */
export function statusOfState(state: string, role: ApiRole): number {
  if (state === '42501') return role === 'anon' ? 401 : 403;
  const chosen = /^PT([1-5]\d\d)$/.exec(state)?.[1];
  if (chosen) return Number(chosen);
  return STATUS_BY_STATE[state] ?? STATUS_BY_STATE[state.slice(0, 2)] ?? 400;
}

/** Turns whatever a statement threw into the answer. Unknown errors are passed on unchanged. */
export function restErrorFrom(error: unknown, role: ApiRole): unknown {
  if (error instanceof DatabaseError && error.code !== undefined) {
    const { code, message, detail, hint } = error;
    return new RestError(statusOfState(code, role), code, message, detail ?? null, hint ?? null);
  }
  if (isConnectionError(error)) {
    return new RestError(503, 'PGRST001', 'Database client error. Retrying the connection.');
  }
  return error;
}
