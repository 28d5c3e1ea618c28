/**
 * What the local API needs of the rest of the station: three doors, so that the API can be served and attacked in
 * tests without a visit, a room or a database behind it.
 */
import type { StationCall, ToolResult } from '../../src-shared/agent-link.ts';
import type { TodayReport } from '../../src-shared/database.ts';
import type { Caption, TalkHeartbeat, VisitIntent, VisitSnapshot } from '../../src-shared/visit.ts';

export interface VisitDoor {
  snapshot(): VisitSnapshot;
  /** Calls back after each change; returns the function that stops it. */
  onChange(listener: () => void): () => void;
  /** An intent that does not fit the present screen is ignored. */
  intent(intent: VisitIntent): void;
}

export interface TalkDoor {
  heartbeat(beat: TalkHeartbeat): void;
  /** A caption of the talk, new or grown; `talkId` is the running talk or the one on the receipt. */
  caption(talkId: string, caption: Caption): void;
  /** Captions of this talk so far, the oldest first; none for a talk that does not run. */
  history(talkId: string): readonly Caption[];
  /** Runs one of the assistant's tools. Never throws: a failure is an answer with `ok: false`. */
  stationCall(call: StationCall): Promise<ToolResult>;
  /** The page has handed the command with this id to the agent. */
  commandDone(id: string): void;
}

/** A signed-in member of staff. The access token stays in the station's memory. */
export interface StaffSession {
  email: string;
  accessToken: string;
}

export type SignInRefusal = 'wrong_credentials' | 'not_staff' | 'unreachable';

export interface AdminDoor {
  signIn(email: string, password: string): Promise<StaffSession | SignInRefusal>;
  signOut(session: StaffSession): Promise<void>;
  /** @throws AdminDoorError when the database refuses or can't be reached */
  todayReport(session: StaffSession, timeZone: string): Promise<TodayReport>;
}

/** Why the admin door could not do what was asked. */
export class AdminDoorError extends Error {
  readonly code: 'unauthorized' | 'unreachable' | 'invalid';

  constructor(code: 'unauthorized' | 'unreachable' | 'invalid', message: string) {
    super(message);
    this.name = 'AdminDoorError';
    this.code = code;
  }
}

export interface Doors {
  visit: VisitDoor;
  talk: TalkDoor;
  admin: AdminDoor;
}
