/**
 * Embedded speech and language: what the product talks with when no OpenAI or Deepgram key is set. Speaks their wire
 * protocols on loopback, with flite as the voice, pocketsphinx as the ears and a scripted concierge as the mind.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { runChild } from '../../src-runtime/child.ts';
import { portVariable } from '../../src-runtime/environment.ts';
import { createGateway } from './server.ts';

const DEBIAN_MODEL_DIR = '/usr/share/pocketsphinx/model/en-us';
const TOKEN_DELAY_MS = 8;

runChild({
  name: 'speech',
  logFile: 'embedded-speech.log',
  environment: z.object({
    PORT: portVariable,
    SPEECH_API_KEY: z.string().min(16, 'at least 16 characters'),
    POCKETSPHINX_MODEL_DIR: z.string().min(1).default(DEBIAN_MODEL_DIR),
    PATH: z.string().default('/usr/bin:/bin'),
  }),
  async start({ env, log }) {
    if (env.ENVIRONMENT === 'production') {
      throw new Error(
        'ENVIRONMENT=production refuses embedded speech: set OPENAI_API_KEY and DEEPGRAM_API_KEY.',
      );
    }
    const gateway = await createGateway({
      apiKey: env.SPEECH_API_KEY,
      instance: env.MINDBOT_INSTANCE_ID,
      log,
      models: {
        workDir: join(env.MINDBOT_DATA_DIR, 'speech'),
        modelDir: env.POCKETSPHINX_MODEL_DIR,
        searchPath: env.PATH,
      },
      tokenDelayMs: TOKEN_DELAY_MS,
      faultsToOrder: env.ENVIRONMENT === 'test',
    });
    await gateway.server.listen({ host: '127.0.0.1', port: env.PORT });
    return () => gateway.close();
  },
});
