/**
 * A proxy in front of the embedded Supabase that can make tokens old: from then on a token that was issued before reaches
 * the server as the same token with its end in the past, signed with the project's own key. So the server's refusal is
 * the real one, and nobody has to wait an hour.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt } from 'jose';
import type { TestSupabase } from './supabase.ts';

export interface TokenProxy {
  port: number;
  /** Lets every token that was used so far run out. */
  expireTokens(): void;
  /** While false, sign-ins are answered with 503. */
  signInWorks: boolean;
  /** Successful sign-ins so far. */
  readonly signIns: number;
  /** Data calls that the server refused because the token had run out. */
  readonly refusals: number;
  stop(): Promise<void>;
}

const PAST_SECONDS = 3_600;

export async function startTokenProxy(supabase: TestSupabase): Promise<TokenProxy> {
  const used = new Set<string>();
  const old = new Set<string>();
  const state = { signInWorks: true, signIns: 0, refusals: 0 };

  async function bearerFor(header: string): Promise<string> {
    const token = header.slice('Bearer '.length);
    if (!old.has(token)) {
      used.add(token);
      return header;
    }
    return `Bearer ${await supabase.sign({ ...decodeJwt(token), exp: Math.floor(Date.now() / 1000) - PAST_SECONDS })}`;
  }

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const isSignIn = request.url?.startsWith('/auth/v1/token') ?? false;
    if (isSignIn && !state.signInWorks) {
      response.writeHead(503).end();
      return;
    }
    const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers;
    const authorization = headers.authorization;
    const isOfDevice = !isSignIn && authorization !== undefined && !authorization.includes(supabase.anonKey);
    const answer = await fetch(supabase.url + request.url, {
      method: request.method ?? 'GET',
      headers: {
        ...(headers as Record<string, string>),
        ...(isOfDevice && { authorization: await bearerFor(authorization) }),
      },
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    if (isSignIn && answer.ok) state.signIns += 1;
    if (isOfDevice && answer.status === 401 && body.includes('PGRST303')) state.refusals += 1;
    const contentType = answer.headers.get('content-type');
    response.writeHead(answer.status, contentType ? { 'content-type': contentType } : {}).end(body);
  }

  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    expireTokens: () => {
      for (const token of used) old.add(token);
    },
    get signInWorks() {
      return state.signInWorks;
    },
    set signInWorks(works) {
      state.signInWorks = works;
    },
    get signIns() {
      return state.signIns;
    },
    get refusals() {
      return state.refusals;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
