/**
 * One API request from key check to answer. A POST runs in one transaction: state, events, deliveries and the answer
 * under its Idempotency-Key are kept together. https://docs.stripe.com/api/idempotent_requests
 */
import { timingSafeEqual } from 'node:crypto';
import { sha256, sha256Hex } from '../../../src-runtime/hash.ts';
import type { Logger } from '../../../src-runtime/log.ts';
import { invalidRequest, StripeError } from '../core/errors.ts';
import type { Cause } from '../core/event.ts';
import { API_VERSION, type Moment } from '../core/moment.ts';
import type { Store } from '../store/store.ts';
import type { FaultBox } from '../webhooks/faults.ts';
import { decodeForm, FormError, type FormTree } from './form.ts';
import { type Answer, type ApiContext, findRoute, type Route } from './route.ts';

export interface ApiRequest {
  method: string;
  path: string;
  /** Encoded parameters: the query of a GET or DELETE, the body of a POST. */
  encoded: string;
  authorization: string | undefined;
  idempotencyKey: string | undefined;
  stripeVersion: string | undefined;
}

export interface ApiAnswer {
  status: number;
  /** JSON text. */
  body: string;
  headers: Record<string, string>;
  /** A fault asked for the connection to break instead of the answer. */
  disconnect: boolean;
}

export interface DispatcherOptions {
  secretKey: string;
  /** The key of browsers; null when none may call. */
  publishableKey: string | null;
  routes: readonly Route[];
  store: Store;
  faults: FaultBox;
  moment(): Moment;
  /** Called after something may have changed. */
  changed(): void;
  log: Logger;
}

export type Dispatch = (request: ApiRequest) => Promise<ApiAnswer>;

const LONGEST_KEY = 255;

export function createDispatcher(options: DispatcherOptions): Dispatch {
  const { store, faults, log } = options;
  /** Idempotency keys of requests that are being handled. */
  const inUse = new Set<string>();

  return async (request) => {
    const requestId = options.moment().newId('req');
    let result: Result;
    try {
      result = await handle(request, requestId);
    } catch (error) {
      result = { answer: errorAnswer(error, log, requestId), headers: {} };
    }
    const { status, body } = result.answer;
    return {
      status,
      body: typeof body === 'string' ? body : JSON.stringify(body, null, 2),
      headers: {
        'request-id': requestId,
        'stripe-version': request.stripeVersion ?? API_VERSION,
        ...(request.idempotencyKey === undefined ? {} : { 'idempotency-key': request.idempotencyKey }),
        ...(status === 401 ? { 'www-authenticate': 'Bearer realm="Stripe"' } : {}),
        ...result.headers,
      },
      disconnect:
        request.method === 'POST' && request.path.startsWith('/v1/') && faults.take('apiDisconnects'),
    };
  };

  async function handle(request: ApiRequest, requestId: string): Promise<Result> {
    const isPublishable = isPublishableCall(request.authorization, options);
    checkVersion(request.stripeVersion);
    const found = findRoute(options.routes, request.method, request.path);
    if (isPublishable && !found?.route.isPublic) throw secretKeyRequired();
    if (!found) throw unrecognized(request);
    const tree = decode(request.encoded);
    const prepared: Prepared = { request, requestId, isPublishable, tree, ...found };
    if (request.method !== 'POST') return { answer: execute(prepared), headers: {} };
    const key = request.idempotencyKey;
    if (key === undefined) return handlePost(prepared, undefined);
    if (key.length > LONGEST_KEY)
      throw invalidRequest(`An Idempotency-Key has at most ${LONGEST_KEY} characters.`);
    if (inUse.has(key)) throw keyInUse(key);
    inUse.add(key);
    try {
      return await handlePost(prepared, key);
    } finally {
      inUse.delete(key);
    }
  }

  async function handlePost(prepared: Prepared, key: string | undefined): Promise<Result> {
    const { apiDelayMs } = faults.current;
    if (apiDelayMs > 0) await new Promise((resolve) => setTimeout(resolve, apiDelayMs));
    const result = store.transaction(() => (key === undefined ? fresh(prepared) : keyed(prepared, key)));
    options.changed();
    return result;
  }

  function fresh(prepared: Prepared): Result {
    return { answer: execute(prepared), headers: {} };
  }

  function keyed(prepared: Prepared, key: string): Result {
    const { request, requestId, tree } = prepared;
    const fingerprint = fingerprintOf(request.method, request.path, tree);
    const saved = store.idempotency.get(key);
    if (saved) {
      if (saved.fingerprint !== fingerprint) throw keyMismatch(saved.path === request.path);
      const headers = { 'idempotent-replayed': 'true', 'original-request': saved.requestId };
      return { answer: { status: saved.status, body: saved.body }, headers };
    }
    const execution = prepared.route.prepare(tree, prepared.ids);
    const answer = kept(execution, prepared);
    const body = JSON.stringify(answer.body, null, 2);
    const created = options.moment().nowSeconds;
    store.idempotency.save({
      key,
      path: request.path,
      fingerprint,
      status: answer.status,
      body,
      requestId,
      created,
    });
    return { answer: { status: answer.status, body }, headers: {} };
  }

  /** Runs once; a refusal or a fault becomes the answer that the key stands for, without any of its writes. */
  function kept(execution: (context: ApiContext) => Answer, prepared: Prepared): Answer {
    if (takesApiError(prepared.request)) return FAULT_ANSWER;
    try {
      return store.transaction(() => execution(contextOf(prepared)));
    } catch (error) {
      return errorAnswer(error, log, prepared.requestId);
    }
  }

  function execute(prepared: Prepared): Answer {
    const execution = prepared.route.prepare(prepared.tree, prepared.ids);
    if (takesApiError(prepared.request)) return FAULT_ANSWER;
    return execution(contextOf(prepared));
  }

  function takesApiError(request: ApiRequest): boolean {
    return request.method === 'POST' && request.path.startsWith('/v1/') && faults.take('apiErrors');
  }

  function contextOf({ request, requestId, isPublishable }: Prepared): ApiContext {
    const moment = options.moment();
    const cause: Cause = { id: requestId, idempotency_key: request.idempotencyKey ?? null };
    return { store, moment, faults, isPublishable, apply: (change) => store.apply(change, cause, moment) };
  }
}

interface Result {
  answer: Answer;
  headers: Record<string, string>;
}

interface Prepared {
  request: ApiRequest;
  requestId: string;
  isPublishable: boolean;
  tree: FormTree;
  route: Route;
  ids: string[];
}

const FAULT_ANSWER: Answer = {
  status: 500,
  body: { error: { type: 'api_error', message: 'The sandbox was told to fail this request.' } },
};

function errorAnswer(error: unknown, log: Logger, requestId: string): Answer {
  if (error instanceof StripeError) return { status: error.status, body: { error: error.body } };
  log.error({ err: error, requestId }, 'request failed');
  return { status: 500, body: { error: { type: 'api_error', message: 'The sandbox failed; see its log.' } } };
}

/**
 * Which key the call has. Accepts `Bearer key` and, as Stripe does, basic authentication with the key as the user.
 * @throws StripeError 401 for any other key
 */
function isPublishableCall(
  authorization: string | undefined,
  { secretKey, publishableKey }: Pick<DispatcherOptions, 'secretKey' | 'publishableKey'>,
): boolean {
  const [scheme = '', value = ''] = (authorization ?? '').split(' ');
  const basic = scheme.toLowerCase() === 'basic';
  const key = basic ? (Buffer.from(value, 'base64').toString('utf8').split(':')[0] ?? '') : value;
  if (timingSafeEqual(sha256(key), sha256(secretKey))) return false;
  if (publishableKey !== null && timingSafeEqual(sha256(key), sha256(publishableKey))) return true;
  const message =
    authorization === undefined ? 'You did not provide an API key.' : 'Invalid API Key provided.';
  throw new StripeError(401, { type: 'invalid_request_error', message });
}

function secretKeyRequired(): StripeError {
  return new StripeError(401, {
    type: 'invalid_request_error',
    code: 'secret_key_required',
    message: 'This API call cannot be made with a publishable API key. Please use a secret API key.',
  });
}

function checkVersion(version: string | undefined): void {
  if (version === undefined || version === API_VERSION) return;
  throw invalidRequest(`Invalid Stripe API version: the sandbox speaks ${API_VERSION}.`);
}

function unrecognized(request: ApiRequest): StripeError {
  return new StripeError(404, {
    type: 'invalid_request_error',
    message: `Unrecognized request URL (${request.method}: ${request.path}). The sandbox knows only what the product uses.`,
  });
}

function decode(encoded: string): FormTree {
  try {
    return decodeForm(encoded);
  } catch (error) {
    if (error instanceof FormError) throw invalidRequest(error.message);
    throw error;
  }
}

function keyInUse(key: string): StripeError {
  return new StripeError(409, {
    type: 'idempotency_error',
    code: 'idempotency_key_in_use',
    message: `Another request with the Idempotency-Key ${key} is still being handled. Try again shortly.`,
  });
}

function keyMismatch(samePath: boolean): StripeError {
  const what = samePath ? 'parameters' : 'endpoint';
  return new StripeError(400, {
    type: 'idempotency_error',
    message: `This Idempotency-Key was first used with another ${what}. Use a new key for a new request.`,
  });
}

function fingerprintOf(method: string, path: string, tree: FormTree): string {
  return sha256Hex(`${method} ${path} ${canonical(tree)}`);
}

/** The same text for the same parameters in whatever order. */
function canonical(tree: FormTree): string {
  const parts = Object.keys(tree)
    .sort()
    .map((key) => {
      const value = tree[key] ?? '';
      return `${JSON.stringify(key)}:${typeof value === 'string' ? JSON.stringify(value) : canonical(value)}`;
    });
  return `{${parts.join(',')}}`;
}
