/** Fetches an allowed page from its process on loopback and hands it on. Nothing but what a page needs crosses. */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A card form is some hundred letters. */
const BODY_LIMIT_BYTES = 16 * 1024;
const TIMEOUT_MS = 15_000;

/** What a phone says that a page wants to know. No cookie, no authorization, no address of the phone. */
const REQUEST_HEADERS = ['accept-language', 'content-type'] as const;
/** What a page says that a browser must know; its security headers above all. */
const ANSWER_HEADERS = [
  'cache-control',
  'content-security-policy',
  'content-type',
  'cross-origin-resource-policy',
  'location',
  'permissions-policy',
  'referrer-policy',
  'retry-after',
  'x-content-type-options',
  'x-frame-options',
  'x-robots-tag',
] as const;

/** @param url of the page on loopback */
export async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  url: string,
): Promise<void> {
  const body = request.method === 'POST' ? await bodyOf(request) : null;
  if (body === undefined) {
    refuse(response, 413);
    return;
  }
  const answer = await fetch(url, {
    method: request.method ?? 'GET',
    headers: named(REQUEST_HEADERS, (name) => request.headers[name]),
    body,
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const page = Buffer.from(await answer.arrayBuffer());
  response.writeHead(
    answer.status,
    named(ANSWER_HEADERS, (name) => answer.headers.get(name)),
  );
  response.end(page);
}

/** Ends a request that is not served, without a word on why: whoever asks for something else is no payer. */
export function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    connection: 'close',
  });
  response.end(`${status}\n`);
}

/** The body as text; undefined when it is too large. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_LIMIT_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function named<Name extends string>(
  names: readonly Name[],
  value: (name: Name) => string | null | undefined,
): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const text = value(name);
      return text ? [[name, text]] : [];
    }),
  );
}
