/** For tests: one livekit-server on the loopback. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { type LivekitOptions, livekitConfig, probeLivekit } from '../../../src-embedded/livekit/launch.ts';
import { projectDir } from '../../../src-main/paths.ts';
import { ensureLivekitServer } from '../../../src-main/setup/livekit-binary.ts';
import { insist } from '../common/insist.ts';
import { freePort } from '../processes/free-port.ts';

const START_TIMEOUT_MS = 60_000;

export interface TestLivekit {
  options: LivekitOptions;
  stop(): Promise<void>;
}

export async function startTestLivekit(): Promise<TestLivekit> {
  const quiet = { say: () => undefined, step: () => () => undefined };
  const binary = await ensureLivekitServer(projectDir(), quiet);
  if (!binary) throw new Error('livekit-server is missing and could not be made; see docs');
  const options = {
    port: await freePort(),
    rtcUdpPort: await freePort(),
    apiKey: 'test',
    apiSecret: randomBytes(32).toString('hex'),
  };
  const server = spawn(binary, [], {
    env: { PATH: process.env['PATH'], LIVEKIT_CONFIG: livekitConfig(options) },
    stdio: 'ignore',
  });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const stop = async () => {
    // With rooms open it would not end on SIGTERM.
    server.kill('SIGKILL');
    await ended;
  };
  try {
    await insist(
      async () => {
        if (!(await probeLivekit(options, 1_000).catch(() => false))) throw new Error('no livekit-server');
      },
      { timeout: START_TIMEOUT_MS, interval: 100 },
    );
    return { options, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
