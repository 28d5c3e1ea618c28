/** The real engine of a conversation: follows the legs of the station's talk, one LiveKit room each. */
import { withCaption } from '../../../src-shared/captions.ts';
import { pause } from '../../../src-shared/retry.ts';
import type { Caption } from '../../../src-shared/visit.ts';
import { CaptionReporter } from './caption-reporter.ts';
import { CAPTIONS_SHOWN } from './captions.ts';
import { TalkLeg } from './livekit-leg.ts';
import { NOT_CONNECTED, type TalkEngineFactory, type TalkState } from './talk-engine.ts';

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
    wait: pause,
  });
  const said = (caption: Caption) => {
    change({ captions: withCaption(state.captions, caption, CAPTIONS_SHOWN) });
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
