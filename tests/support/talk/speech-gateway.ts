/** Starts the embedded speech gateway as the supervisor does, on a free port, for one test file. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { healthReportSchema } from '../../../src-shared/health.ts';
import { freePort } from '../processes/free-port.ts';

export const SPEECH_KEY = 'speech-test-key-0001';
const MAIN = fileURLToPath(new URL('../../../src-embedded/speech/main.ts', import.meta.url));
const START_TIMEOUT_MS = 20_000;

export interface RunningGateway {
  /** For example `http://127.0.0.1:40123`; add `/v1` for OpenAI's clients. */
  url: string;
  child: ChildProcess;
  health(): Promise<ReturnType<typeof healthReportSchema.parse>>;
  /** Orders a fault (src-embedded/speech/faults.ts); without one takes all back. */
  fault(order?: object): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the gateway and waits until recognition is ready, or until it is known to be missing.
 * @throws Error with the process's own words when it does not come up in time
 */
export async function startSpeechGateway(environment: Record<string, string> = {}): Promise<RunningGateway> {
  const dataDir = await mkdtemp(join(tmpdir(), 'mindbot-speech-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      PORT: String(port),
      SPEECH_API_KEY: SPEECH_KEY,
      MINDBOT_DATA_DIR: dataDir,
      MINDBOT_INSTANCE_ID: `test-${port}`,
      ENVIRONMENT: 'test',
      LOG_LEVEL: 'error',
      ...environment,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    words += chunk;
  });
  const health = async () => healthReportSchema.parse(await (await fetch(`${url}/health`)).json());
  const fault = async (order?: object) => {
    const response = await fetch(`${url}/test/faults`, {
      method: order ? 'POST' : 'DELETE',
      headers: {
        authorization: `Bearer ${SPEECH_KEY}`,
        ...(order ? { 'content-type': 'application/json' } : {}),
      },
      body: order ? JSON.stringify(order) : null,
    });
    if (!response.ok) throw new Error(`the fault was refused: ${response.status} ${await response.text()}`);
  };
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    }
    await rm(dataDir, { recursive: true, force: true });
  };
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const report = await health().catch(() => undefined);
    if (report && !report.checks['pocketsphinx']?.includes('still loading'))
      return { url, child, health, fault, stop };
    if (performance.now() > deadline || child.exitCode !== null) {
      await stop();
      throw new Error(`the speech gateway did not start: ${words || 'it said nothing'}`);
    }
    await pause(50);
  }
}
