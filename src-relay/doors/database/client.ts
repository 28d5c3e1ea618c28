/**
 * The relay's way to the database: the functions of supabase/migrations that only the service role may call, each
 * answer checked. Promises: an unreachable database is a `databaseUnavailable` refusal (503), a refusal raised by a
 * function is a `DatabaseRefusal` with its name, anything else is a fault of ours.
 */
import type { PostgrestError } from '@supabase/supabase-js';
import { z } from 'zod';
import { createSupabaseClient, type ProductClient } from '../../../src-runtime/supabase-client.ts';
import type { Database } from '../../../src-shared/database-types.ts';
import { DatabaseConflict, DatabaseRefusal, refusals } from '../../model/errors.ts';

/** Longest wait for one answer of the database. */
const DATABASE_TIMEOUT_MS = 8_000;

type Functions = Database['public']['Functions'];

/** `p_purchase_id` as `purchaseId`; what has no `p_` stays. */
type ArgumentName<Parameter> = Parameter extends `p_${infer Name}` ? CamelCase<Name> : Parameter;
type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** The arguments of a function of the database, in our writing. */
type ArgumentsOf<Name extends keyof Functions> = {
  [Parameter in keyof Functions[Name]['Args'] as ArgumentName<Parameter> &
    string]: Functions[Name]['Args'][Parameter];
};

/** A client with the service role. */
export function createServiceClient(url: string, serviceRoleKey: string): ProductClient {
  return createSupabaseClient(url, serviceRoleKey, { timeoutMs: DATABASE_TIMEOUT_MS });
}

/**
 * Calls a function of the database and checks its answer. An argument `purchaseId` is the parameter `p_purchase_id`, so
 * that no name is written twice; a name in the database's own writing (`user_id`) stays as it is.
 */
export async function call<Name extends keyof Functions & string, Schema extends z.ZodType>(
  client: ProductClient,
  name: Name,
  args: Readonly<ArgumentsOf<Name>>,
  answer: Schema,
): Promise<z.infer<Schema>> {
  const { data, error, status } = await client.rpc(name, parametersOf(args));
  if (error) throw failureOf(error, status, name);
  return answer.parse(data);
}

/** The answer of a function whose answer nobody reads. */
export const nothing = z.unknown().transform(() => undefined);

/** Rows read from a table, or the failure. */
export function rowsOf<Data>(
  answer: { data: Data; error: null } | { data: unknown; error: PostgrestError; status: number },
  what: string,
): Data {
  if (answer.error) throw failureOf(answer.error, answer.status, what);
  return answer.data as Data;
}

/** `{purchaseId: 1}` as `{p_purchase_id: 1}`. */
export function parametersOf(args: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => {
      if (name.includes('_')) return [name, value];
      return [`p_${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`, value];
    }),
  );
}

/** Classes of SQLSTATE that mean "not now": connection trouble, out of resources, operator intervention. */
const UNAVAILABLE_STATES = /^(08|53|57P)/;

/** What a failed call means. `status` is the HTTP status, 0 when nobody answered. */
export function failureOf(
  error: Pick<PostgrestError, 'code' | 'message'>,
  status: number,
  what: string,
): Error {
  if (error.code === 'P0001') return new DatabaseRefusal(error.message);
  if (error.code === '23505') return new DatabaseConflict(error.message);
  const isUnavailable =
    status === 0 || [502, 503, 504].includes(status) || UNAVAILABLE_STATES.test(error.code);
  if (isUnavailable) return refusals.databaseUnavailable(new Error(`${what}: ${error.message}`));
  return new Error(`${what} failed with ${status} ${error.code}: ${error.message}`);
}
