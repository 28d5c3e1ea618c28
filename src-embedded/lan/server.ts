/**
 * Two servers: the pages on the machine's address in its network, health and metrics on loopback. It holds no secret
 * and no data; what it may hand on is decided in allowed.ts.
 */
import { createServer, type RequestListener, type Server } from 'node:http';
import { Counter, Registry } from 'prom-client';
import { healthReport } from '../../src-runtime/health.ts';
import type { Logger } from '../../src-runtime/log.ts';
import { collectProcessMetrics } from '../../src-runtime/process-metrics.ts';
import { judge, type Network, networkOf, type Owner } from './allowed.ts';
import { forward, refuse } from './forward.ts';
import { RequestBudget } from './request-budget.ts';

/** A page that waits loads itself 20 times a minute. In all below the relay's own limit, which it shares with others. */
const REQUESTS_PER_MINUTE = { each: 60, all: 180 };
/** Slow or idle connections are cut, and there are never many: a demo has a handful of phones. */
const CONNECTIONS_MAX = 64;
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
const HEADER_BYTES_MAX = 8 * 1024;

export interface LanOptions {
  /** The machine's address with the size of its network, for example `192.168.1.17/24`. */
  cidr: string;
  port: number;
  /** Where the owners' pages are, on loopback; the checkout is absent where payments are not embedded. */
  owners: Readonly<Partial<Record<Owner, string>>>;
  instanceId: string;
  log: Logger;
}

/** Starts both; gives the function that ends them. */
export async function serveLan(options: LanOptions): Promise<() => Promise<void>> {
  const network = networkOf(options.cidr, options.port);
  const registry = new Registry();
  collectProcessMetrics(registry);
  const requests = new Counter({
    name: 'mindbot_lan_requests_total',
    help: 'Requests from the local network.',
    labelNames: ['status'],
    registers: [registry],
  });
  const limits = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    maxHeaderSize: HEADER_BYTES_MAX,
  };
  const pages = createServer(
    limits,
    pageListener(options, network, (status) => requests.inc({ status })),
  );
  pages.maxConnections = CONNECTIONS_MAX;
  const own = createServer(async (request, response) => {
    if (request.url === '/health') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(healthReport('lan', options.instanceId, {})));
    } else if (request.url === '/metrics') {
      response.setHeader('content-type', registry.contentType);
      response.end(await registry.metrics());
    } else refuse(response, 404);
  });
  await listen(own, '127.0.0.1', options.port);
  await listen(pages, network.host.split(':')[0] ?? '', options.port);
  return async () => {
    await Promise.all([closed(pages), closed(own)]);
  };
}

function pageListener(
  { owners, log }: LanOptions,
  network: Network,
  count: (status: number) => void,
): RequestListener {
  const budget = new RequestBudget(REQUESTS_PER_MINUTE);
  return async (request, response) => {
    response.once('close', () => count(response.statusCode));
    const from = request.socket.remoteAddress ?? '';
    const { method = '', url = '', headers } = request;
    const verdict = judge({ method, url, host: headers.host, from }, network);
    const base = verdict.kind === 'pass' ? owners[verdict.owner] : undefined;
    if (verdict.kind === 'refuse' || !base) {
      const status = verdict.kind === 'refuse' ? verdict.status : 404;
      // Without the path: what strangers ask for is theirs, and may be as long as they like.
      log.warn({ from, method, status }, 'request refused');
      return refuse(response, status);
    }
    if (!budget.take(from, performance.now())) return refuse(response, 429);
    try {
      await forward(request, response, `${base}${verdict.path}`);
    } catch (error) {
      log.warn({ err: error, owner: verdict.owner }, 'page could not be fetched');
      if (response.headersSent) response.destroy();
      else refuse(response, 502);
    }
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
