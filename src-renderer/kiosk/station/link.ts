/**
 * What the page needs of the station, in the page's own words. The real one speaks tRPC (trpc-link.ts); the preview and
 * the tests bring a canned one.
 */
import type { StationCall, ToolResult } from '../../../src-shared/agent-link.ts';
import type { Caption, TalkHeartbeat, VisitIntent, VisitSnapshot } from '../../../src-shared/visit.ts';

/** `refused`: the station answers, but this page was opened without a launch key. */
export type LinkState = 'connecting' | 'open' | 'refused';

export interface StationListener {
  onSnapshot(snapshot: VisitSnapshot): void;
  onLink(state: LinkState): void;
}

export interface StationLink {
  /** Follows the visit until the returned function is called; finds its way back by itself after a break. */
  follow(listener: StationListener): () => void;
  /** Each of these rejects when the station can't be reached. */
  intent(intent: VisitIntent): Promise<void>;
  heartbeat(beat: TalkHeartbeat): Promise<void>;
  caption(talkId: string, caption: Caption): Promise<void>;
  /** What was said in this talk so far, as far as the station has it; nothing for a talk that is over. */
  history(talkId: string): Promise<Caption[]>;
  stationCall(call: StationCall): Promise<ToolResult>;
  commandDone(id: string): Promise<void>;
}
