/**
 * The local models of voice activity and end of turn (`@livekit/local-inference`, a native addon). Where it can't load,
 * the framework goes on without a word and hears nobody; so it is tried here, by really asking it.
 */
import { createRequire } from 'node:module';

/** `ok`, or what is wrong and what to do. */
export async function tryLocalModels(): Promise<string> {
  try {
    // By require, as the framework itself does: what loads here loads there.
    const models = createRequire(import.meta.url)('@livekit/local-inference') as {
      createVad(): { predict(samples: Int16Array): Promise<number> };
      VAD_WINDOW_SAMPLES: number;
    };
    const probability = await models.createVad().predict(new Int16Array(models.VAD_WINDOW_SAMPLES));
    if (probability >= 0 && probability <= 0.5) return 'ok';
    return `takes silence for speech (${probability}): reinstall @livekit/local-inference`;
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return `not loadable, turns are taken by speech recognition alone: reinstall @livekit/local-inference (${why})`;
  }
}
