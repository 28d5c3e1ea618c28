/** How a route of the API is written: method, path, parameters, and what it does inside the request's transaction. */
import type { z } from 'zod';
import type { Moment } from '../core/moment.ts';
import type { Change } from '../core/records.ts';
import type { Store } from '../store/store.ts';
import type { FaultBox } from '../webhooks/faults.ts';
import { expandAnswer } from './expand.ts';
import type { FormTree } from './form.ts';
import { parseParams } from './params.ts';

export interface ApiContext {
  store: Store;
  moment: Moment;
  faults: FaultBox;
  /** The request came with the publishable key: from a browser, which proves its right by a client secret. */
  isPublishable: boolean;
  /** Puts the change and tells its events, as caused by this request. */
  apply(change: Change): void;
}

export interface Answer {
  status: number;
  body: unknown;
}

/** Work that is left once the parameters are known to be right. */
export type Execution = (context: ApiContext) => Answer;

export interface Route {
  method: 'GET' | 'POST' | 'DELETE';
  /** Segments; one that starts with a colon stands for an id. */
  segments: string[];
  /** Whether the publishable key may call it. */
  isPublic: boolean;
  /** Checks the parameters. @throws StripeError when they are wrong; such an answer is not kept for a key. */
  prepare(tree: FormTree, ids: string[]): Execution;
}

/**
 * Declares a route. `run` returns the object to answer with, or an `Answer` made by `answer()` for another status.
 * `expand` is done here when the schema has it.
 */
export function route<Schema extends z.ZodType>(
  method: Route['method'],
  path: string,
  schema: Schema,
  run: (context: ApiContext, params: z.output<Schema>, id: string) => object,
  { isPublic }: { isPublic: boolean } = { isPublic: false },
): Route {
  return {
    method,
    segments: path.split('/'),
    isPublic,
    prepare(tree, ids) {
      const params = parseParams(schema, tree);
      return (context) => {
        const result = run(context, params, ids[0] ?? '');
        if (result instanceof FixedAnswer) return { status: result.status, body: result.body };
        return { status: 200, body: expandAnswer(result, expandPaths(params), context.store) };
      };
    },
  };
}

class FixedAnswer {
  readonly status: number;
  readonly body: unknown;
  constructor(status: number, body: unknown) {
    this.status = status;
    this.body = body;
  }
}

/** An answer with a status of its own, whose transaction is kept all the same (a declined card). */
export function answer(status: number, body: unknown): object {
  return new FixedAnswer(status, body);
}

/** The route for a request and the ids in its path, or undefined. */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; ids: string[] } | undefined {
  const parts = path.split('/');
  for (const candidate of routes) {
    if (candidate.method !== method || candidate.segments.length !== parts.length) continue;
    const ids: string[] = [];
    const matches = candidate.segments.every((segment, index) => {
      const part = parts[index] ?? '';
      if (!segment.startsWith(':')) return segment === part;
      ids.push(part);
      return part !== '';
    });
    if (matches) return { route: candidate, ids };
  }
  return undefined;
}

function expandPaths(params: unknown): string[] {
  const paths = typeof params === 'object' && params !== null && 'expand' in params ? params.expand : [];
  return Array.isArray(paths) ? paths.map(String) : [];
}
