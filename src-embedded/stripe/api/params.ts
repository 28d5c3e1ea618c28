/**
 * Parameters of a request, checked by zod and told in Stripe's words: an unknown one is refused, a missing one is
 * named, a wrong one is named with what it should be.
 */
import { z } from 'zod';
import { invalidRequest, type StripeError } from '../core/errors.ts';
import type { FormTree } from './form.ts';

/** A whole number given as text. */
export function whole(min: number, max: number) {
  return z
    .string()
    .regex(/^-?\d{1,15}$/, 'must be an integer')
    .transform(Number)
    .pipe(z.number().min(min).max(max));
}

export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
export const unixSeconds = whole(0, 99_999_999_999);
export const idText = z.string().min(1).max(255);
export const text = z.string().min(1).max(5000);
export const expand = list(z.string().max(100)).optional();

/** ISO currency code, lower case in answers whatever was sent. */
export const currency = z
  .string()
  .regex(/^[A-Za-z]{3}$/, 'must be a three-letter currency code')
  .transform((code) => code.toLowerCase());

/** At most 50 keys of at most 40 characters, values of at most 500; Stripe's limits. */
export const metadata = z
  .record(z.string().max(40), z.string().max(500))
  .refine((entries) => Object.keys(entries).length <= 50, 'can have up to 50 keys')
  .transform((entries) => ({ ...entries }));

/** An absolute web address. `{CHECKOUT_SESSION_ID}` may stand in it. */
export const webUrl = z
  .string()
  .max(5000)
  .refine((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol), 'must be a valid URL');

/** A list, given as `name[0]=…` or `name[]=…`. */
export function list<Item extends z.ZodType>(item: Item) {
  return z.preprocess((value) => (isTree(value) ? Object.values(value) : value), z.array(item));
}

function isTree(value: unknown): value is FormTree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws StripeError 400 naming the first wrong parameter, in Stripe's bracket notation. */
export function parseParams<Schema extends z.ZodType>(schema: Schema, tree: FormTree): z.output<Schema> {
  const result = schema.safeParse(tree);
  if (result.success) return result.data;
  const unknown = result.error.issues.find((issue) => issue.code === 'unrecognized_keys');
  if (unknown) return refuse(unknownParameter([...unknown.path, unknown.keys[0] ?? '']));
  const issue = result.error.issues[0];
  const path = issue?.path ?? [];
  if (valueAt(tree, path) === undefined) {
    const param = bracketed(path);
    throw invalidRequest(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
  }
  throw invalidRequest(`Invalid ${bracketed(path)}: ${issue?.message ?? 'wrong value'}.`, {
    param: bracketed(path),
    ...(issue?.message.includes('integer') ? { code: 'parameter_invalid_integer' } : {}),
  });
}

function refuse(error: StripeError): never {
  throw error;
}

function unknownParameter(path: PropertyKey[]): StripeError {
  const param = bracketed(path);
  return invalidRequest(`Received unknown parameter: ${param}`, { code: 'parameter_unknown', param });
}

function bracketed(path: readonly PropertyKey[]): string {
  return path.map((part, index) => (index === 0 ? String(part) : `[${String(part)}]`)).join('');
}

function valueAt(tree: FormTree, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, part) => (isTree(value) ? value[String(part)] : undefined), tree);
}
