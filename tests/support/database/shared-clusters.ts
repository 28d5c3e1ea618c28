/**
 * One Postgres cluster per test worker and version, started when a file first asks for it and kept for the files after
 * it: a file then waits for a copy of a database instead of a whole cluster. Promise: two workers never share a cluster,
 * so roles and locks of one file are nothing to another that runs beside it.
 *
 * The clusters belong to vitest's main process, since each file has a process of its own; files ask it over the loopback.
 */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type PostgresVersion,
  type StartedCluster,
  startTestCluster,
  type TestCluster,
} from './test-cluster.ts';

const ADDRESS_VARIABLE = 'MINDBOT_TEST_CLUSTERS';

/** Vitest's global set-up: answers the files for as long as the run takes. */
export default async function keepClusters(): Promise<() => Promise<void>> {
  const clusters = new Map<string, Promise<StartedCluster>>();
  // The answer holds passwords: only who knows the path gets one.
  const secret = randomBytes(16).toString('hex');
  const server = createServer(async (request, response) => {
    const [, given, worker = '', version = ''] = request.url?.split('/') ?? [];
    if (given !== secret) {
      response.writeHead(404).end();
      return;
    }
    const key = `${worker}/${version}`;
    const started = clusters.get(key) ?? startTestCluster({ version: Number(version) as PostgresVersion });
    clusters.set(key, started);
    try {
      response.end(JSON.stringify((await started).cluster));
    } catch (error) {
      clusters.delete(key);
      response.writeHead(500).end(error instanceof Error ? error.message : String(error));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env[ADDRESS_VARIABLE] = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${secret}`;
  return async () => {
    server.close();
    server.closeAllConnections();
    const started = await Promise.allSettled(clusters.values());
    for (const one of started) if (one.status === 'fulfilled') await one.value.stop();
  };
}

/**
 * The cluster of this worker. Undefined outside a test run (benches, campaigns), where nobody keeps one.
 * @throws Error with the reason when it could not be started
 */
export async function sharedCluster(version: PostgresVersion): Promise<TestCluster | undefined> {
  const address = process.env[ADDRESS_VARIABLE];
  const worker = process.env['VITEST_POOL_ID'];
  if (!address || !worker) return undefined;
  const response = await fetch(`${address}/${worker}/${version}`);
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as TestCluster;
}
