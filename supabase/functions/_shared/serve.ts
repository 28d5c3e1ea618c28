/**
 * The thin HTTP side of every function: route, caller, body, answer. Promises, as the relay's: who may call what stands
 * in the table of access.ts, every refusal has the same shape, and the text of a fault of ours never leaves.
 */
import type { z } from 'zod';
import { refusalFor } from '../../../src-relay/model/access.ts';
import type { Credentials } from '../../../src-relay/model/callers.ts';
import { errorAnswer, invalidField, refusalOf, refusals } from '../../../src-relay/model/errors.ts';
import { parseJson } from '../../../src-shared/parse-json.ts';
import { log } from './log.ts';
import { parts } from './parts.ts';

const BODY_LIMIT_BYTES = 1024 * 1024;

export interface Call {
  credentials: Credentials;
  headers: Headers;
  /** Parts of the path that the route names with a colon. */
  params: Readonly<Record<string, string>>;
  query: Readonly<Record<string, string>>;
  /** Exactly as it was sent. */
  body: Uint8Array<ArrayBuffer>;
}

/** By the names that the relay's table has for them, for example `POST /purchases/:id/cancel`. */
export type Routes = Readonly<Record<string, (call: Call) => Promise<Response | object>>>;

/** Serves `routes`. `mount`: the part of the relay's path that the name of the function stands for. */
export function serveFunction(name: string, mount: string, routes: Routes): void {
  Deno.serve(async (request) => {
    try {
      const { pathname, searchParams } = new URL(request.url);
      // Whatever a gateway puts before the name.
      const path = mount + pathname.slice(pathname.indexOf(`/${name}`) + name.length + 1);
      const found = findRoute(routes, request.method, path);
      if (!found) throw refusals.notFound();
      const credentials = await parts.credentials.read(request.headers.get('authorization') ?? undefined);
      const refusal = refusalFor(found.route, credentials);
      if (refusal) throw refusal;
      const answer = await found.answer({
        credentials,
        headers: request.headers,
        params: found.params,
        query: Object.fromEntries(searchParams),
        body: await bodyOf(request),
      });
      return answer instanceof Response ? answer : json(200, answer);
    } catch (error) {
      return refused(error, name);
    }
  });
}

function findRoute(routes: Routes, method: string, path: string) {
  for (const [route, answer] of Object.entries(routes)) {
    const [verb, pattern = ''] = route.split(' ');
    const groups = pattern.replace(/:(\w+)/g, '(?<$1>[^/]+)');
    const match = verb === method && new RegExp(`^${groups}$`).exec(path);
    if (match) return { route, answer, params: match.groups ?? {} };
  }
  return undefined;
}

async function bodyOf(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(request.headers.get('content-length') ?? 0) > BODY_LIMIT_BYTES) {
    throw refusals.invalidRequest('The body is too large.');
  }
  const body = await request.bytes();
  if (body.byteLength > BODY_LIMIT_BYTES) throw refusals.invalidRequest('The body is too large.');
  return body;
}

/** The JSON body of a call. @throws RelayError invalidRequest that names what is wrong */
export function bodyAs<Schema extends z.ZodType>(schema: Schema, { body }: Call): z.infer<Schema> {
  const value = parseJson(new TextDecoder().decode(body));
  if (value === undefined) throw refusals.invalidRequest('This request can’t be read.');
  return checked(schema, value, 'body');
}

/** @throws RelayError invalidRequest that names what is wrong */
export function checked<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  where: string,
): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [first] = result.error.issues;
  throw invalidField(where, first?.path ?? [], first?.message);
}

function refused(error: unknown, name: string): Response {
  const { status, body } = errorAnswer(error, refusalOf(error), log, { function: name });
  return json(status, body);
}

function json(status: number, body: object): Response {
  return Response.json(body, {
    status,
    headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
  });
}
