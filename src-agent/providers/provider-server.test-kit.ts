/** Servers of providers on free ports, as a test has them answer; all are gone after each test. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';
import { ProviderList } from './provider-list.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** @returns the base URL, with the version at its end as OpenAI's */
export async function serveProvider(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

/** A list whose failed ones are never asked again behind the talk. */
export function unwatched<Provider>(providers: readonly Provider[]): ProviderList<Provider> {
  return new ProviderList(providers, {
    ask: () => Promise.reject(new Error('not asked here')),
    wait: () => new Promise(() => undefined),
  });
}
