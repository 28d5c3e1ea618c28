/** The conversation as the talk screen sees it: what is heard, said and shown, whatever leg it runs on. */
import type { AgentHeartbeat } from '../../../src-shared/agent-link.ts';
import type { Caption, TalkHeartbeat, TalkView } from '../../../src-shared/visit.ts';
import type { StationLink } from '../station/link.ts';

export interface TalkState {
  connection: TalkHeartbeat['connection'];
  agentState: AgentHeartbeat['state'] | null;
  /** What this page has heard and typed, all legs. */
  captions: readonly Caption[];
  /** `lost`: it was there, and gives no sound now. */
  microphone: 'starting' | 'on' | 'none' | 'lost';
  /** The browser plays sound only after a touch (a page loaded anew during a talk). */
  needsTouch: boolean;
}

export interface SoundWishes {
  /** 0 … 1 */
  volume: number;
  muted: boolean;
  /** No microphone wanted. */
  typing: boolean;
}

export interface TalkEngine {
  state(): TalkState;
  onChange(listener: () => void): () => void;
  /** Follows the station's talk; call with each snapshot. */
  follow(talk: TalkView | null): void;
  wish(wishes: SoundWishes): void;
  /** Sends typed words; rejects when they did not reach the assistant. */
  write(text: string): Promise<void>;
  /** A touch that allows sound. */
  allowSound(): void;
  /** Loudness 0 … 1 of each side at this moment. */
  level(who: Caption['who']): number;
  close(): void;
}

export type TalkEngineFactory = (link: StationLink, wishes: SoundWishes) => TalkEngine;

export const NOT_CONNECTED: TalkState = {
  connection: 'connecting',
  agentState: null,
  captions: [],
  microphone: 'starting',
  needsTouch: false,
};
