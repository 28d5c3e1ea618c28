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

export interface LastingSocketOptions {
  url: URL;
  headers: Record<string, string>;
  onState(state: SocketState): void;
  onText(text: string): void;
  /** Text sent at each ping, for servers that want to hear words in silence. */
  keepAlive: string;
}

export class LastingSocket {
  readonly #options: LastingSocketOptions;
  readonly #closing = new AbortController();
  #socket: WebSocket | undefined;

  constructor(options: LastingSocketOptions) {
    this.#options = options;
  }

  /** Keeps the connection up until `close`. Never throws. */
  async run(): Promise<void> {
    // A server that cannot be reached is given twice the time of one that ended a connection.
    let failures = 1;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const outcome = await this.#connection();
      if (signal.aborted) return;
      this.#options.onState(outcome === 'refused' ? 'refused' : 'lost');
      failures = outcome === 'ended' ? 1 : failures + 1;
      await pause(backoffMs(RETRY, failures), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Sends, or drops it while there is no connection: sound of the past is of no use. */
  send(data: Uint8Array | string): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(data);
  }

  /** Drops the connection that there is; `run` opens another one. */
  connectAnew(): void {
    this.#socket?.terminate();
  }

  /** Says `lastWords` and goes for good. */
  close(lastWords: string): void {
    this.send(lastWords);
    this.#closing.abort();
    this.#socket?.close();
  }

  /** One connection from its start to its end: `ended` was open, `failed` and `refused` never. */
  #connection(): Promise<'ended' | 'failed' | 'refused'> {
    return new Promise((resolve) => {
      const { url, headers, onState, onText, keepAlive } = this.#options;
      const socket = new WebSocket(url, { headers, handshakeTimeout: CONNECT_TIMEOUT_MS });
      this.#socket = socket;
      let outcome: 'ended' | 'failed' | 'refused' = 'failed';
      let heardAtMs = performance.now();
      const hear = () => {
        heardAtMs = performance.now();
      };
      const pulse = setInterval(() => {
        if (socket.readyState !== WebSocket.OPEN) return;
        if (performance.now() - heardAtMs > DEAD_AFTER_MS) return socket.terminate();
        socket.send(keepAlive);
        socket.ping();
      }, PING_INTERVAL_MS);
      socket
        .on('open', () => {
          outcome = 'ended';
          hear();
          onState('open');
        })
        .on('pong', hear)
        .on('message', (data) => {
          hear();
          onText(String(data));
        })
        .on('unexpected-response', (_request, response) => {
          outcome = 'refused';
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
