/** The live recogniser's client against a server of the same protocol that can go away, refuse and come back. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { initializeLogger, stt } from '@livekit/agents';
import { AudioFrame } from '@livekit/rtc-node';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ProviderError } from '../providers/fault.ts';
import { ProviderList } from '../providers/provider-list.ts';
import type { SocketState } from './lasting-socket.ts';
import { LiveStt } from './live-stt.ts';
import { novaWire } from './nova-wire.ts';

beforeAll(() => initializeLogger({ pretty: false, level: 'silent' }));

let http: Server;
let port = 0;
let refuse = false;
let client: WebSocket | undefined;
let authorization: string | undefined;
const received: (string | number)[] = [];
const endings: (() => void)[] = [];

async function listen(): Promise<void> {
  const sockets = new WebSocketServer({ noServer: true });
  http = createServer().on('upgrade', (request, socket, head) => {
    authorization = request.headers.authorization;
    if (refuse) {
      socket.end('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      client = opened;
      opened.on('message', (data, isBinary) =>
        received.push(isBinary ? (data as Buffer).byteLength : String(data)),
      );
    });
  });
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
  port = (http.address() as AddressInfo).port;
}

async function goAway(): Promise<void> {
  client?.terminate();
  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
}

afterEach(async () => {
  for (const end of endings.splice(0)) end();
  received.length = 0;
  refuse = false;
  await goAway();
  port = 0;
});

function open(...models: string[]) {
  if (models.length === 0) models.push('nova-3');
  const states: SocketState[] = [];
  const events: stt.SpeechEvent[] = [];
  const faults: ProviderError['fault'][] = [];
  const wires = models.map((model) =>
    novaWire({
      apiKey: 'secret',
      // Nobody listens at the port of the first of two.
      baseUrl: `ws://127.0.0.1:${model === 'away' ? 1 : port}`,
      model,
      language: 'en-US',
      endsTurns: false,
    }),
  );
  const waits: (() => void)[] = [];
  const list = new ProviderList(wires, {
    ask: async () => undefined,
    wait: () => new Promise((end) => waits.push(end)),
  });
  const recogniser = new LiveStt({
    ears: list,
    onState: (state) => states.push(state),
    onFault: ({ fault }) => faults.push(fault),
  });
  const failures: unknown[] = [];
  recogniser.on('error', (error) => failures.push(error));
  const stream = recogniser.stream();
  endings.push(() => stream.close());
  void (async () => {
    for await (const event of stream) events.push(event);
  })();
  return { stream, states, events, failures, faults, recogniser, waits, list, wires };
}

const result = (transcript: string, flags: { is_final: boolean; speech_final: boolean }) =>
  JSON.stringify({
    type: 'Results',
    ...flags,
    channel: { alternatives: [{ transcript, confidence: 0.8, words: [] }] },
  });
const said = (events: stt.SpeechEvent[]) =>
  events.map(({ type, alternatives }) => alternatives?.[0]?.text ?? type);
const until = (check: () => void) => vi.waitFor(check, { timeout: 4_000, interval: 10 });

test('sends sound and tells what was heard, once each', async () => {
  await listen();
  const { stream, states, events } = open();
  await until(() => expect(states).toEqual(['open']));
  expect(authorization).toBe('Token secret');
  // One second at 48 kHz goes out as 16 kHz, 16 bit, in pieces of 50 ms.
  for (let at = 0; at < 100; at += 1) stream.pushFrame(new AudioFrame(new Int16Array(480), 48_000, 1, 480));
  await until(() => expect(received.filter((size) => size === 1_600).length).toBeGreaterThanOrEqual(18));
  client?.send(JSON.stringify({ type: 'SpeechStarted' }));
  client?.send(result('how much', { is_final: false, speech_final: false }));
  client?.send('garbage');
  client?.send(result('How much time?', { is_final: true, speech_final: true }));
  client?.send(result('', { is_final: true, speech_final: true }));
  const { START_OF_SPEECH, END_OF_SPEECH } = stt.SpeechEventType;
  await until(() =>
    expect(said(events)).toEqual([START_OF_SPEECH, 'how much', 'How much time?', END_OF_SPEECH]),
  );
  stream.endInput();
  await until(() => expect(received.at(-1)).toBe('{"type":"CloseStream"}'));
});

test('comes back to a server that went away, and never reports a failure to the session', async () => {
  await listen();
  const { states, events, failures } = open();
  await until(() => expect(states).toEqual(['open']));
  client?.send(JSON.stringify({ type: 'SpeechStarted' }));
  await until(() => expect(events).toHaveLength(1));
  await goAway();
  await until(() => expect(states.filter((state) => state === 'lost').length).toBeGreaterThan(1));
  // The sentence in mid-air ended with the line.
  expect(events.map(({ type }) => type)).toContain(stt.SpeechEventType.END_OF_SPEECH);
  await listen();
  await until(() => expect(states.at(-1)).toBe('open'));
  client?.send(result('Hello again.', { is_final: true, speech_final: true }));
  await until(() => expect(said(events)).toContain('Hello again.'));
  expect(failures).toEqual([]);
});

test('tells a refusal from a loss, and goes on asking', async () => {
  refuse = true;
  await listen();
  const { states } = open();
  await until(() => expect(states).toEqual(['refused', 'refused']));
  refuse = false;
  await until(() => expect(states.at(-1)).toBe('open'));
});

test('where the first is away the next hears at once, unnoticed; the first is gone back to in silence', async () => {
  await listen();
  const { states, faults, waits, list, wires } = open('away', 'nova-3');
  await until(() => expect(states).toEqual(['open']));
  expect(faults).toMatchObject([{ role: 'ears', model: 'away', kind: 'unreachable' }]);
  expect(list.order[0]?.name.model).toBe('nova-3');
  for (const end of waits) end();
  await until(() => expect(list.order).toEqual(wires));
  // It was said to be well and is not: found out at the next look back, and the second one hears again.
  await until(() => expect(faults).toHaveLength(2));
  await until(() => expect(states).toEqual(['open', 'open']));
});

test('one that gave no words is connected anew, without a word of a loss', async () => {
  await listen();
  const { states, faults, recogniser } = open();
  await until(() => expect(states).toEqual(['open']));
  const first = client;
  recogniser.connectAnew();
  await until(() => expect(client).not.toBe(first));
  await until(() => expect(states).toEqual(['open', 'open']));
  expect(faults).toMatchObject([{ kind: 'silent' }]);
});
