/**
 * The gate in front of every request: exact Host, so that a foreign name that resolves to loopback gets
 * nothing; same-origin only, so that no other page and no other loopback port can use the page's cookie. A pure
 * judgement of method, path and headers.
 */
import type { IncomingHttpHeaders } from 'node:http';

export type GateVerdict = 'pass' | 'wrong_host' | 'cross_site';

/** Paths for the supervisor and its tools, which are no browsers and send no Sec-Fetch-Site. */
const FOR_TOOLS: ReadonlySet<string> = new Set(['/health', '/metrics']);

/** Paths for servers on this machine, which sign what they send; a browser has no business here. */
const FOR_SERVERS: ReadonlySet<string> = new Set(['/livekit/webhook']);

/** Host names under which this station may be called. */
export function hostsOf(port: number): ReadonlySet<string> {
  return new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
}

export function judgeRequest(
  request: { method: string; path: string; headers: IncomingHttpHeaders },
  hosts: ReadonlySet<string>,
): GateVerdict {
  const { method, path, headers } = request;
  const { host, origin } = headers;
  const site = headers['sec-fetch-site'];
  if (host === undefined || !hosts.has(host)) return 'wrong_host';
  if (FOR_TOOLS.has(path))
    return site === undefined || site === 'none' || site === 'same-origin' ? 'pass' : 'cross_site';
  if (FOR_SERVERS.has(path)) return site === undefined && origin === undefined ? 'pass' : 'cross_site';
  if (path === '/trpc' || path.startsWith('/trpc/')) {
    if (site !== 'same-origin') return 'cross_site';
    // A same-origin EventSource sends no Origin, but a changing request always does.
    return method === 'GET' || origin === `http://${host}` ? 'pass' : 'cross_site';
  }
  // Pages and their files: opened by the kiosk itself (`none`), or loaded by our own page.
  if (method !== 'GET' && method !== 'HEAD') return 'cross_site';
  return site === undefined || site === 'none' || site === 'same-origin' ? 'pass' : 'cross_site';
}
