/** The session of a talk as the framework takes it: ears, mind, voice, and the local models that judge turns. */
import { inference, tts, voice } from '@livekit/agents';
import type { JobMetadata } from '../src-shared/agent-link.ts';
import type { ProviderFault } from '../src-shared/providers.ts';
import { pause } from '../src-shared/retry.ts';
import type { AgentEnvironment } from './environment.ts';
import { WORDS_WITHIN_MS } from './hearing.ts';
import { askEars, askMind, askVoice } from './providers/ask.ts';
import { earsFor } from './providers/ears.ts';
import { ListedMind } from './providers/listed-mind.ts';
import { mindsOf } from './providers/mind.ts';
import { ProviderList } from './providers/provider-list.ts';
import { voicesForTalk } from './providers/voice.ts';
import { ClauseTokenizer } from './speech/clauses.ts';
import type { SocketState } from './speech/lasting-socket.ts';
import { LiveStt } from './speech/live-stt.ts';
import { StreamingTts } from './speech/streaming-tts.ts';

/** Mind and voice see to their own tries. */
const ONCE = { maxRetry: 0, retryIntervalMs: 0 };

export interface SessionOptions {
  env: AgentEnvironment;
  job: JobMetadata;
  /** Whether the local models work here (local-models.ts). */
  localModels: boolean;
  onHearing(state: SocketState): void;
  /** A provider failed, also where the next of its list made it good. */
  onFault(fault: ProviderFault): void;
}

export interface TalkSession {
  session: voice.AgentSession;
  /** Gives up the ears' connection for another one. */
  listenAnew(): void;
  /** Whether any mind answers now. */
  mindAnswers(): Promise<boolean>;
}

/** The session of one talk, not started yet. No failure of a provider ever closes it: recovery.ts sees to them. */
export function createSession(options: SessionOptions): TalkSession {
  const { env, job, localModels } = options;
  const language = job.demo ? 'en' : job.locale;
  const onFault = ({ fault }: { fault: ProviderFault }) => options.onFault(fault);
  const minds = new ProviderList(mindsOf(env), { ask: askMind, wait: pause });
  const voices = new ProviderList(voicesForTalk(env, language), { ask: askVoice, wait: pause });
  const streaming = new StreamingTts({ voices, onFault });
  const { wires, judgeTurns } = earsFor(env, language, localModels);
  const recognisers = new ProviderList(wires, { ask: askEars, wait: pause });
  const ears = new LiveStt({ ears: recognisers, onState: options.onHearing, onFault });
  const session = new voice.AgentSession({
    vad: localModels ? new inference.VAD({ model: 'silero' }) : null,
    stt: ears,
    transcriptionTimeout: WORDS_WITHIN_MS,
    llm: new ListedMind({ minds, onFault }),
    tts: new tts.StreamAdapter(streaming, new ClauseTokenizer()),
    // The assistant cleans its text itself (speech/spoken-text.ts); the framework's filters would drop a link's address first.
    ttsTextTransforms: null,
    // VAD and turns pinned to what runs here or was chosen: the framework's defaults send the talk to its maker's cloud.
    turnHandling: {
      turnDetection: localModels && !judgeTurns ? new inference.TurnDetector({ version: 'v1-mini' }) : 'stt',
      interruption: { mode: 'vad', resumeFalseInterruption: true },
      // Where the model is unsure whether a sentence goes on, a second is the longest wait that feels like listening.
      endpointing: { minDelay: 300, maxDelay: 1_200 },
      // The reply is made, voice included, while it is still being decided whether the turn is over.
      preemptiveGeneration: { enabled: true, preemptiveTts: true },
    },
    connOptions: {
      maxUnrecoverableErrors: Number.POSITIVE_INFINITY,
      llmConnOptions: ONCE,
      ttsConnOptions: ONCE,
    },
    // Silence is the station's to judge: it stops the clock and asks.
    userAwayTimeout: null,
  });
  session.on(voice.AgentSessionEventTypes.AgentStateChanged, ({ newState }) => {
    if (newState !== 'speaking') streaming.nothingPlays();
  });
  session.on(voice.AgentSessionEventTypes.Close, () => {
    minds.close();
    recognisers.close();
    void streaming.close();
  });
  return { session, listenAnew: () => ears.connectAnew(), mindAnswers: () => minds.anyAnswers() };
}
