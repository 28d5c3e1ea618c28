/**
 * Stripe's form encoding: `a[b][c]=1`, `list[0]=x` and `list[]=x` become nested plain objects whose leaves are text.
 * Lists stay objects with number keys here; the schema of a parameter says which they are.
 */

export interface FormTree {
  [key: string]: string | FormTree;
}

/** The text isn't Stripe's encoding. The message is for the person who called. */
export class FormError extends Error {}

const MAX_DEPTH = 8;
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/** @throws FormError for brackets that don't match, for a name that is text and object at once, or too deep nesting. */
export function decodeForm(text: string): FormTree {
  const tree = emptyTree();
  for (const [name, value] of new URLSearchParams(text)) insert(tree, pathOf(name), value, name);
  return tree;
}

function pathOf(name: string): string[] {
  const match = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(name);
  if (!match) throw new FormError(`Invalid parameter name: ${name}`);
  const rest = [...(match[2] ?? '').matchAll(/\[([^[\]]*)\]/g)].map((part) => part[1] ?? '');
  const path = [match[1] ?? '', ...rest];
  if (path.length > MAX_DEPTH || path.some((part) => FORBIDDEN.has(part))) {
    throw new FormError(`Invalid parameter name: ${name}`);
  }
  return path;
}

function insert(tree: FormTree, path: string[], value: string, name: string): void {
  const [head = '', ...rest] = path;
  const key = head === '' ? String(Object.keys(tree).length) : head;
  if (rest.length === 0) {
    if (typeof tree[key] === 'object') throw new FormError(`Parameter given as text and as object: ${name}`);
    tree[key] = value;
    return;
  }
  const child = tree[key] ?? emptyTree();
  if (typeof child === 'string') throw new FormError(`Parameter given as text and as object: ${name}`);
  tree[key] = child;
  insert(child, rest, value, name);
}

function emptyTree(): FormTree {
  return Object.create(null) as FormTree;
}
