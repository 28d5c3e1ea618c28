/**
 * A kiosk of a fleet by the commands of docs/fleet.md, as processes: `npm run enrol`, `npm start` with nothing but the
 * kiosk's own settings, and `npm run agent` on "another machine". The customer buys time, and hears the assistant.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readyLineSchema } from '../../../src-shared/ready-line.ts';
import { payAtCheckout, ScriptedPage } from '../../chaos/page.ts';
import { enrolmentCode, type Fleet, startFleet } from '../../support/fleet/fleet.ts';
import { until } from '../../support/stripe/stripe-sandbox.ts';
import { type RunningGateway, SPEECH_KEY, startSpeechGateway } from '../../support/talk/speech-gateway.ts';
import { TalkCustomer } from '../../support/talk/talk-customer.ts';

const PATIENCE_MS = 90_000;
const KIOSK_PORTS = '21000';
const AGENT_PORTS = '21100';

let fleet: Fleet;
let speech: RunningGateway;
let dir: string;
const started: ChildProcess[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'mindbot-fleet-'));
  [fleet, speech] = await Promise.all([startFleet(), startSpeechGateway()]);
});
afterAll(async () => {
  await Promise.all(started.map(end));
  await speech?.stop();
  await fleet?.stop();
  rmSync(dir, { recursive: true, force: true });
});

function run(program: string, words: readonly string[], env: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, [program, ...words], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

/** All that it says, once it has ended by itself. */
async function said({ stdout, stderr }: ChildProcess): Promise<string> {
  return (await Promise.all([stdout, stderr].map((stream) => (stream ? text(stream) : '')))).join('');
}

/** The first line of its stdout that `accept`s. */
async function lineOf(child: ChildProcess, accept: (line: string) => boolean): Promise<string> {
  let output = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  if (!child.stdout) throw new Error('no stdout');
  for await (const line of createInterface({ input: child.stdout })) {
    output += `${line}\n`;
    if (accept(line)) return line;
  }
  throw new Error(`it ended:\n${output}`);
}

const kioskSettings = () => ({
  RELAY_URL: fleet.functions.url,
  SUPABASE_URL: fleet.supabase.url,
  SUPABASE_ANON_KEY: fleet.supabase.anonKey,
  LIVEKIT_URL: `ws://127.0.0.1:${fleet.livekit.options.port}`,
});
const agentSettings = () => ({
  LIVEKIT_URL: `ws://127.0.0.1:${fleet.livekit.options.port}`,
  LIVEKIT_API_KEY: fleet.livekit.options.apiKey,
  LIVEKIT_API_SECRET: fleet.livekit.options.apiSecret,
  OPENAI_API_KEY: SPEECH_KEY,
  OPENAI_BASE_URL: `${speech.url}/v1`,
  DEEPGRAM_API_KEY: SPEECH_KEY,
  DEEPGRAM_BASE_URL: speech.url.replace('http', 'ws'),
});

it('says what an agent alone needs, and starts nothing', async () => {
  const { LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET } = agentSettings();
  const child = run('src-main/commands/agent.ts', ['--data', join(dir, 'nothing')], {
    LIVEKIT_URL,
    LIVEKIT_API_KEY,
    LIVEKIT_API_SECRET,
  });
  expect(await said(child)).toContain('An agent alone needs OPENAI_API_KEY, DEEPGRAM_API_KEY');
});

it('sells and talks at a kiosk that holds only its device account, with the agent elsewhere', async () => {
  const dataDir = join(dir, 'kiosk');
  const code = await enrolmentCode(fleet, { name: 'Foyer' });
  const enrol = run('src-main/commands/enrol.ts', ['--code', code, '--data', dataDir], kioskSettings());
  expect(await said(enrol)).toContain('This box is now kiosk “Foyer”');

  const agent = run(
    'src-main/commands/agent.ts',
    ['--data', join(dir, 'agent'), '--port-base', AGENT_PORTS],
    agentSettings(),
  );
  const kiosk = run(
    'src-main/commands/start.ts',
    ['--headless', '--json', '--data', dataDir, '--port-base', KIOSK_PORTS],
    kioskSettings(),
  );
  const [agentLine, readyLine] = await Promise.all([
    lineOf(agent, (line) => line.startsWith('The agent')),
    lineOf(kiosk, (line) => line.startsWith('{')),
  ]);
  expect(agentLine).toMatch(/^The agent serves ws:/);
  const ready = readyLineSchema.parse(JSON.parse(readyLine));
  const kept = readFileSync(join(dataDir, 'secrets', 'local.json'), 'utf8');
  expect(kept).not.toContain(fleet.livekit.options.apiSecret);

  const page = new ScriptedPage(new URL(ready.ui).origin, JSON.parse(kept).launchSecret);
  await page.launch();
  await page.intent({ type: 'begin' });
  const screen = (name: string) => until(async () => (await page.snapshot()).screen === name, PATIENCE_MS);
  await until(async () => (await page.snapshot()).services.talk.ok, PATIENCE_MS);
  await page.intent({ type: 'chooseBuy' });
  await page.intent({ type: 'choosePackage', packageId: 'starter' });
  await until(async () => Boolean((await page.snapshot()).purchase?.checkoutUrl), PATIENCE_MS);
  await payAtCheckout((await page.snapshot()).purchase?.checkoutUrl ?? '', 'good');
  await screen('codeShown');
  await page.intent({ type: 'activate' });
  await screen('ready');
  await page.intent({ type: 'startTalk' });
  await until(async () => Boolean((await page.snapshot()).talk?.room), PATIENCE_MS);
  const room = (await page.snapshot()).talk?.room;
  const customer = await TalkCustomer.join({ url: room?.url ?? '', token: room?.token ?? '' });
  await customer.until(/I am an AI assistant/);
  await customer.leave();
});
