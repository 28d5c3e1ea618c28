/** Rooms as the visit uses them. */
import type { RoomService } from '../../src-runtime/livekit-rooms.ts';
import type { JobMetadata } from '../../src-shared/agent-link.ts';

export interface VoiceRooms extends RoomService {
  /** A talk is likely to begin next (its job without the talk's id), or no longer is: see `warm-rooms.ts`. */
  expectTalk(job: ExpectedJob | null): void;
}

export type ExpectedJob = Omit<JobMetadata, 'talkId'>;
