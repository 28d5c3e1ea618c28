/**
 * A real talk without a browser: livekit-server, the embedded speech gateway and the agent as processes, and a customer
 * who speaks and hears through WebRTC. The gateway stands behind a gate (`speech.gate`), to be shut and opened again.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AgentDispatchClient, RoomServiceClient } from 'livekit-server-sdk';
import type { LivekitOptions } from '../../../src-embedded/livekit/launch.ts';
import { pageToken } from '../../../src-runtime/livekit-rooms.ts';
import { AGENT_NAME, type JobMetadata, roomName } from '../../../src-shared/agent-link.ts';
import { healthReportSchema } from '../../../src-shared/health.ts';
import { insist } from '../common/insist.ts';
import { freePort } from '../processes/free-port.ts';
import { startTcpGate, type TcpGate } from '../processes/tcp-gate.ts';
import { startTestLivekit } from './livekit.ts';
import { type RunningGateway, SPEECH_KEY, startSpeechGateway } from './speech-gateway.ts';
import { TalkCustomer, type TalkCustomerOptions } from './talk-customer.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const START_TIMEOUT_MS = 60_000;

export interface TestAgent {
  pid: number;
  health(): Promise<ReturnType<typeof healthReportSchema.parse>>;
  /** Process ids of its jobs and helpers that live now. */
  descendants(): number[];
  /** What it wrote so far. */
  output(): string;
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface TalkServices {
  livekit: { gate: TcpGate; options: LivekitOptions };
  speech: { gate: TcpGate; gateway: RunningGateway };
  agent: TestAgent;
  /** Makes a room, sends the agent there, and lets a customer in. */
  talk(options?: TalkOptions): Promise<TalkCustomer>;
  /** Ends a talk as the station does: by deleting its room. */
  closeRoom(customer: TalkCustomer): Promise<void>;
  /** One more agent, as the supervisor starts one after a crash. */
  startAgent(): Promise<TestAgent>;
  stop(): Promise<void>;
}

export interface TalkOptions extends Omit<TalkCustomerOptions, 'url' | 'token'> {
  job?: Partial<JobMetadata>;
  /** The agent is sent so long before the customer comes, as while the "ready" screen is up. */
  aheadMs?: number;
}

export interface TalkServicesOptions {
  /** Variables of the speech gateway. */
  speech?: Record<string, string>;
  /** Variables of the agent. */
  agent?: Record<string, string>;
}

/** Starts all three and waits until the agent is registered. `stop()` removes every trace. */
export async function startTalkServices(options: TalkServicesOptions = {}): Promise<TalkServices> {
  const livekit = await startTestLivekit();
  const gateway = await startSpeechGateway(options.speech);
  const speechGate = await startTcpGate(Number(new URL(gateway.url).port));
  const livekitGate = await startTcpGate(livekit.options.port);
  const dataDir = await mkdtemp(join(tmpdir(), 'mindbot-talk-'));
  const agents: TestAgent[] = [];
  const customers: TalkCustomer[] = [];
  const startAgent = async () => {
    const environment = {
      MINDBOT_DATA_DIR: dataDir,
      LIVEKIT_URL: livekitGate.url.replace('http', 'ws'),
      LIVEKIT_API_KEY: livekit.options.apiKey,
      LIVEKIT_API_SECRET: livekit.options.apiSecret,
      OPENAI_BASE_URL: `${speechGate.url}/v1`,
      OPENAI_API_KEY: SPEECH_KEY,
      DEEPGRAM_BASE_URL: speechGate.url.replace('http', 'ws'),
      DEEPGRAM_API_KEY: SPEECH_KEY,
      ...options.agent,
    };
    const started = await spawnAgent(environment);
    agents.push(started);
    await insist(
      async () => {
        // Its providers are the test's to spoil.
        const { livekit, vad } = (await started.health()).checks;
        if (livekit !== 'ok' || vad !== 'ok') throw new Error(`the agent is not ready:\n${started.output()}`);
      },
      { timeout: START_TIMEOUT_MS, interval: 100 },
    );
    return started;
  };
  const agent = await startAgent();
  const { apiKey, apiSecret, port } = livekit.options;
  const url = `http://127.0.0.1:${port}`;
  const rooms = new RoomServiceClient(url, apiKey, apiSecret);
  return {
    closeRoom: (customer) => rooms.deleteRoom(customer.roomName),
    livekit: { gate: livekitGate, options: livekit.options },
    speech: { gate: speechGate, gateway },
    agent,
    startAgent,
    talk: async ({ job, aheadMs, ...customer } = {}) => {
      const metadata = { ...defaultJob(), ...job };
      const name = roomName(metadata.talkId, metadata.leg);
      await rooms.createRoom({ name, emptyTimeout: 60 });
      const dispatcher = new AgentDispatchClient(url, apiKey, apiSecret);
      await dispatcher.createDispatch(name, AGENT_NAME, { metadata: JSON.stringify(metadata) });
      if (aheadMs) await new Promise((resolve) => setTimeout(resolve, aheadMs));
      const joined = await TalkCustomer.join({
        ...customer,
        url: url.replace('http', 'ws'),
        token: await pageToken(name, apiKey, apiSecret),
      });
      customers.push(joined);
      return joined;
    },
    stop: async () => {
      await Promise.all(customers.map((customer) => customer.leave()));
      await Promise.all(agents.map((each) => each.kill('SIGKILL')));
      await Promise.all([speechGate.shut(), livekitGate.shut()]);
      gateway.child.kill('SIGCONT');
      await gateway.stop();
      await livekit.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function defaultJob(): JobMetadata {
  return {
    visitId: randomUUID(),
    talkId: randomUUID(),
    leg: 1,
    locale: 'en',
    formerLocale: null,
    customerName: null,
    remainingSeconds: 55 * 60,
    demo: true,
    history: [],
  };
}

async function spawnAgent(environment: Record<string, string>): Promise<TestAgent> {
  const port = await freePort();
  let output = '';
  const child = spawn(process.execPath, [join(ROOT, 'src-agent/main.ts')], {
    env: {
      PATH: process.env['PATH'],
      MINDBOT_INSTANCE_ID: randomUUID(),
      ENVIRONMENT: 'test',
      LOG_LEVEL: 'warn',
      HEALTH_CHECK_PORT: String(port),
      AGENT_WORKER_PORT: String(await freePort()),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-50_000);
    });
  }
  const pid = child.pid ?? 0;
  return {
    pid,
    descendants: () => descendantsOf(pid),
    output: () => output,
    health: async () =>
      healthReportSchema.parse(await (await fetch(`http://127.0.0.1:${port}/health`)).json()),
    kill: async (signal) => {
      const jobs = descendantsOf(pid);
      await end(child, signal);
      for (const job of jobs) if (existsSync(`/proc/${job}`)) signalled(job);
    },
  };
}

function signalled(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone meanwhile, as it should be.
  }
}

/** All living descendants of a process, by Linux's process table. */
export function descendantsOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // Ended while we looked.
    }
  }
  const children = (of: number): number[] => {
    const direct = [...parents].filter(([, parent]) => parent === of).map(([child]) => child);
    return direct.flatMap((child) => [child, ...children(child)]);
  };
  return children(pid);
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await ended;
}
