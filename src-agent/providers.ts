/** The providers of a talk as the framework takes them: ears, mind, voice, and the local models that judge turns. */
import { inference, tts, voice } from '@livekit/agents';
import type { JobMetadata } from '../src-shared/agent-link.ts';
import type { AgentEnvironment } from './environment.ts';
import { createMind } from './mind.ts';
import { ClauseTokenizer } from './speech/clauses.ts';
import { DeepgramStt } from './speech/deepgram-stt.ts';
import type { SocketState } from './speech/lasting-socket.ts';
import { StreamingTts } from './speech/streaming-tts.ts';
import { voiceFor } from './voice.ts';

/** One quick repetition hides a hiccup; more would only lengthen the silence before the customer is told. */
const RETRIES = { maxRetry: 1, retryIntervalMs: 500 };

export interface SessionOptions {
  env: AgentEnvironment;
  job: JobMetadata;
  /** Whether the local models work here (local-models.ts). */
  localModels: boolean;
  onHearing(state: SocketState): void;
}

/** The session of one talk, not started yet. No failure of a provider ever closes it: recovery.ts sees to them. */
export function createSession(options: SessionOptions): voice.AgentSession {
  const { env, job, localModels } = options;
  const language = job.demo ? 'en' : job.locale;
  return new voice.AgentSession({
    vad: localModels ? new inference.VAD({ model: 'silero' }) : null,
    stt: new DeepgramStt({
      apiKey: env.DEEPGRAM_API_KEY,
      baseUrl: env.DEEPGRAM_BASE_URL,
      model: env.DEEPGRAM_MODEL,
      language: language === 'en' ? 'en-US' : language,
      onState: options.onHearing,
    }),
    llm: createMind(env),
    tts: new tts.StreamAdapter(new StreamingTts({ voice: voiceFor(env, language) }), new ClauseTokenizer()),
    // Both pinned to the local models: the framework's defaults send the talk to its maker's cloud.
    turnHandling: {
      turnDetection: localModels ? new inference.TurnDetector({ version: 'v1-mini' }) : 'stt',
      interruption: { mode: 'vad', resumeFalseInterruption: true },
      // Where the model is unsure whether a sentence goes on, a second is the longest wait that feels like listening.
      endpointing: { minDelay: 300, maxDelay: 1_200 },
      // The reply is made, voice included, while it is still being decided whether the turn is over.
      preemptiveGeneration: { enabled: true, preemptiveTts: true },
    },
    connOptions: {
      maxUnrecoverableErrors: Number.POSITIVE_INFINITY,
      llmConnOptions: RETRIES,
      ttsConnOptions: RETRIES,
    },
    // Silence is the station's to judge: it stops the clock and asks.
    userAwayTimeout: null,
  });
}
