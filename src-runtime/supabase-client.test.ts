import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSupabaseClient } from './supabase-client.ts';

let server: Server;
let requests = 0;

beforeEach(async () => {
  requests = 0;
  server = createServer((request, response) => {
    requests += 1;
    if (request.url?.includes('kiosks')) response.writeHead(503).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

describe('client of Supabase', () => {
  it('gives up on a server that never answers', async () => {
    const client = createSupabaseClient(address(), 'key', { timeoutMs: 100 });
    const { error } = await client.from('users').select();
    expect(error?.message).toMatch(/^TimeoutError/);
  });

  it('asks once, also for what is safe to ask again: repeating is its caller’s decision', async () => {
    const { status } = await createSupabaseClient(address(), 'key').from('kiosks').select();
    expect(status).toBe(503);
    expect(requests).toBe(1);
  });
});
