/**
 * A WebSocket that is always there or on its way back: opens, watches, and opens again with growing pauses until it is
 * closed for good. A server that stops answering without a word (no pong) counts as gone.
 */
import { setTimeout as pause } from 'node:timers/promises';
import WebSocket from 'ws';
import { type Backoff, backoffMs } from '../../src-shared/retry.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const PING_INTERVAL_MS = 4_000;
/** Silent for so long although asked: gone. */
const DEAD_AFTER_MS = 10_000;
const RETRY: Backoff = { firstMs: 200, longestMs: 2_000 };

/**
 * `open`: it can be written to. `lost`: no way to the server, or it went away. `refused`: the server answers, but not
 * with a stream (no such service, wrong key).
 */
export type SocketState = 'open' | 'lost' | 'refused';

/** Where to connect. */
export interface SocketServer {
  url: URL;
  headers: Record<string, string>;
  /** Text sent at each ping, for servers that want to hear words in silence. */
  keepAlive: string | null;
  /** The last words to it. */
  closing: string;
}

export interface LastingSocketOptions<Server extends SocketServer> {
  /** The one to be connected to now; asked before each try. */
  server(): Server;
  /** @param status of its HTTP answer where it refused, else null */
  onState(state: SocketState, server: Server, status: number | null): void;
  onText(text: string, server: Server): void;
}

interface Outcome {
  /** `ended` was open, `failed` and `refused` never. */
  kind: 'ended' | 'failed' | 'refused';
  status: number | null;
}

export class LastingSocket<Server extends SocketServer> {
  readonly #options: LastingSocketOptions<Server>;
  readonly #closing = new AbortController();
  #socket: WebSocket | undefined;
  #server: Server | undefined;
  #wantedAnew = false;

  constructor(options: LastingSocketOptions<Server>) {
    this.#options = options;
  }

  /** The server of the open connection; undefined while there is none. */
  get connectedTo(): Server | undefined {
    return this.#socket?.readyState === WebSocket.OPEN ? this.#server : undefined;
  }

  /** Keeps the connection up until `close`. Never throws. */
  async run(): Promise<void> {
    // A server that cannot be reached is given twice the time of one that ended a connection.
    let failures = 1;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const server = this.#options.server();
      const { kind, status } = await this.#connection(server);
      if (signal.aborted) return;
      const isMeant = this.#wantedAnew && kind === 'ended';
      this.#wantedAnew = false;
      if (isMeant) continue;
      this.#options.onState(kind === 'refused' ? 'refused' : 'lost', server, status);
      failures = kind === 'ended' ? 1 : failures + 1;
      // Another one is tried at once.
      if (this.#options.server() !== server) continue;
      await pause(backoffMs(RETRY, failures), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Sends, or drops it while there is no connection: sound of the past is of no use. */
  send(data: Uint8Array | string): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(data);
  }

  /** Drops the connection that there is; `run` opens another one, and nobody is told of a loss. */
  connectAnew(): void {
    if (!this.connectedTo) return;
    this.#wantedAnew = true;
    this.#socket?.terminate();
  }

  /** Says its last words and goes for good. */
  close(): void {
    if (this.#server) this.send(this.#server.closing);
    this.#closing.abort();
    this.#socket?.close();
  }

  /** One connection from its start to its end. */
  #connection(server: Server): Promise<Outcome> {
    return new Promise((resolve) => {
      const { onState, onText } = this.#options;
      const { url, headers, keepAlive } = server;
      const socket = new WebSocket(url, { headers, handshakeTimeout: CONNECT_TIMEOUT_MS });
      this.#socket = socket;
      this.#server = server;
      let outcome: Outcome = { kind: 'failed', status: null };
      let heardAtMs = performance.now();
      const hear = () => {
        heardAtMs = performance.now();
      };
      const pulse = setInterval(() => {
        if (socket.readyState !== WebSocket.OPEN) return;
        if (performance.now() - heardAtMs > DEAD_AFTER_MS) return socket.terminate();
        if (keepAlive) socket.send(keepAlive);
        socket.ping();
      }, PING_INTERVAL_MS);
      socket
        .on('open', () => {
          outcome = { kind: 'ended', status: null };
          hear();
          onState('open', server, null);
        })
        .on('pong', hear)
        .on('message', (data) => {
          hear();
          onText(String(data), server);
        })
        .on('unexpected-response', (_request, response) => {
          outcome = { kind: 'refused', status: response.statusCode ?? null };
          response.resume();
          socket.terminate();
        })
        // `close` always follows.
        .on('error', () => undefined)
        .on('close', () => {
          clearInterval(pulse);
          resolve(outcome);
        });
    });
  }
}
