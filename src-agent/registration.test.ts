import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isServerUp, registration, watchRegistration } from './registration.ts';

describe('the watch over the registration', () => {
  const state = { isRegistered: false, isTalking: false, isServerUp: true };
  let silences: number;
  let end: () => void;

  beforeEach(() => {
    vi.useFakeTimers();
    Object.assign(state, { isRegistered: false, isTalking: false, isServerUp: true });
    silences = 0;
    end = watchRegistration(
      {
        isRegistered: async () => state.isRegistered,
        isTalking: () => state.isTalking,
        isServerUp: async () => state.isServerUp,
      },
      () => (silences += 1),
    );
  });
  afterEach(() => {
    end();
    vi.useRealTimers();
  });

  it('tells once when LiveKit answers and never registers the agent', async () => {
    await vi.advanceTimersByTimeAsync(29_000);
    expect(silences).toBe(0);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(silences).toBe(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(silences).toBe(1);
  });

  it.each(['isRegistered', 'isTalking'] as const)('is content while %s', async (fine) => {
    state[fine] = true;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(silences).toBe(0);
    state[fine] = false;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(silences).toBe(1);
  });

  it('has patience while LiveKit itself is away, and begins to count when it is back', async () => {
    state.isServerUp = false;
    await vi.advanceTimersByTimeAsync(600_000);
    state.isServerUp = true;
    await vi.advanceTimersByTimeAsync(25_000);
    expect(silences).toBe(0);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(silences).toBe(1);
  });

  it('is over when it is ended', async () => {
    end();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(silences).toBe(0);
  });
});

describe('the probes', () => {
  let server: Server;
  let port: number;
  let answer: [status: number, text: string];

  beforeEach(async () => {
    answer = [200, 'OK'];
    server = createServer((_request, response) => response.writeHead(answer[0]).end(answer[1]));
    port = await new Promise((listening) =>
      server.listen(0, '127.0.0.1', () => listening((server.address() as AddressInfo).port)),
    );
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it('say what the worker says of itself, and that it starts while nothing is there', async () => {
    expect(await registration(port)).toBe('ok');
    answer = [503, 'not connected to livekit'];
    expect(await registration(port)).toBe('not connected to livekit');
    await new Promise((closed) => server.close(closed));
    expect(await registration(port)).toBe('starting');
  });

  it('take any answer for a LiveKit that is there', async () => {
    answer = [404, ''];
    expect(await isServerUp(`ws://127.0.0.1:${port}`)).toBe(true);
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
    expect(await isServerUp(`ws://127.0.0.1:${port}`)).toBe(false);
  });
});
