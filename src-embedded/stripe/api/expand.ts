/** `expand[]=a.b`: ids in an answer replaced by the objects they name. https://docs.stripe.com/api/expanding_objects */
import { invalidRequest } from '../core/errors.ts';
import type { Store } from '../store/store.ts';

type Json = Record<string, unknown>;

const EXPANDABLE = new Set(['payment_intent', 'latest_charge', 'charge', 'payment_method', 'line_items']);
const DEEPEST = 4;

/** @throws StripeError for a property that can't be expanded. */
export function expandAnswer(answer: object, paths: readonly string[], store: Store): object {
  return paths.reduce<Json>((body, path) => expandPath(body, path.split('.'), path, store), { ...answer });
}

function expandPath(body: Json, names: string[], path: string, store: Store): Json {
  const [name = '', ...rest] = names;
  if (!EXPANDABLE.has(name) || names.length > DEEPEST) throw notExpandable(path);
  if (name === 'line_items') return { ...body, line_items: lineItemsOf(body, path, store) };
  if (!(name in body)) throw notExpandable(path);
  const value = typeof body[name] === 'string' ? objectOf(body[name], store) : body[name];
  if (rest.length === 0 || typeof value !== 'object' || value === null) return { ...body, [name]: value };
  return { ...body, [name]: expandPath({ ...value }, rest, path, store) };
}

function objectOf(id: string, store: Store): unknown {
  if (id.startsWith('pi_')) return store.get('payment_intent', id)?.intent ?? id;
  if (id.startsWith('ch_')) return store.get('charge', id) ?? id;
  if (id.startsWith('pm_')) return store.get('payment_method', id)?.paymentMethod ?? id;
  return id;
}

function lineItemsOf(body: Json, path: string, store: Store): Json {
  const record = typeof body['id'] === 'string' ? store.get('checkout_session', body['id']) : undefined;
  if (!record) throw notExpandable(path);
  const url = `/v1/checkout/sessions/${record.session.id}/line_items`;
  return { object: 'list', data: record.lineItems, has_more: false, url };
}

function notExpandable(path: string): Error {
  return invalidRequest(`This property cannot be expanded (${path}).`, { param: 'expand' });
}
