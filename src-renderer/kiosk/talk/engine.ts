/**
 * The conversation as the talk screen sees it: what is heard, said and shown, whatever leg it runs on. The real engine
 * follows the legs of the station's talk, one LiveKit room each; the preview brings a canned one.
 */
import type { AgentHeartbeat } from '../../../src-shared/agent-link.ts';
import type { Caption, TalkHeartbeat, TalkView } from '../../../src-shared/visit.ts';
import type { StationLink } from '../station/link.ts';
import { CaptionReporter } from './caption-reporter.ts';
import { withCaption } from './captions.ts';
import { TalkLeg } from './livekit-leg.ts';

export interface TalkState {
  connection: TalkHeartbeat['connection'];
  agentState: AgentHeartbeat['state'] | null;
  /** What this page has heard and typed, all legs. */
  captions: readonly Caption[];
  microphone: 'starting' | 'on' | 'none';
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

const wait = (durationMs: number) => new Promise<void>((resolve) => setTimeout(resolve, durationMs));

export const createTalkEngine: TalkEngineFactory = (link, firstWishes) => {
  const listeners = new Set<() => void>();
  let state = NOT_CONNECTED;
  let wishes = firstWishes;
  let leg: TalkLeg | null = null;
  let talkId: string | null = null;
  let typedCount = 0;

  const change = (part: Partial<TalkState>) => {
    state = { ...state, ...part };
    for (const listener of listeners) listener();
  };
  const reporter = new CaptionReporter({
    report: async (caption) => {
      if (talkId) await link.caption(talkId, caption);
    },
    nowMs: () => performance.now(),
    wait,
  });
  const said = (caption: Caption) => {
    change({ captions: withCaption(state.captions, caption) });
    void reporter.said(caption);
  };
  const leave = () => {
    leg?.close();
    leg = null;
  };

  return {
    state: () => state,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    follow: (talk) => {
      if (!talk) return leave();
      talkId = talk.talkId;
      if (leg && (leg.talkId !== talk.talkId || leg.number !== talk.leg)) leave();
      if (!leg && talk.room) {
        change({ connection: 'connecting', agentState: null, microphone: 'starting', needsTouch: false });
        leg = new TalkLeg({
          link,
          talkId: talk.talkId,
          leg: talk.leg,
          room: talk.room,
          wishes,
          onChange: change,
          said,
        });
      }
      leg?.offer(talk.commands);
    },
    wish: (next) => {
      wishes = next;
      leg?.wish(next);
    },
    write: async (text) => {
      if (!leg) throw new Error('no room to write into');
      await leg.write(text);
      typedCount += 1;
      said({ id: `typed-${talkId}-${leg.number}-${typedCount}`, who: 'customer', text, final: true });
    },
    allowSound: () => leg?.allowSound(),
    level: (who) => leg?.level(who) ?? 0,
    close: leave,
  };
};
