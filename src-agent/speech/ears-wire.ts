/** What the recogniser's client needs of a live speech-to-text protocol: where to connect, what to say, how to read. */
import { z } from 'zod';
import type { ProviderName } from '../providers/fault.ts';
import type { SocketServer } from './lasting-socket.ts';

/** What every recogniser is sent: 16 bit linear samples of one channel at this rate. */
export const LISTEN_SAMPLE_RATE_HZ = 16_000;

/** One recogniser. */
export interface EarsWire extends SocketServer {
  name: ProviderName;
  /** The language it is asked for, as `en-US`. */
  language: string;
  /** Text that makes it give out what it has; null where there is none. */
  finalize: string | null;
  /** What a message means; nothing for those that say nothing to us. */
  read(text: string): EarsEvent[];
}

export type EarsEvent =
  | { type: 'speechBegins' }
  | { type: 'speechEnds' }
  /** `preflight`: probably all of the turn; a reply may be prepared. */
  | { type: 'words'; stage: 'interim' | 'preflight' | 'final'; heard: HeardWords };

export const heardWordSchema = z.object({ start: z.number().optional(), end: z.number().optional() });

export interface HeardWords {
  transcript: string;
  confidence: number;
  words: readonly z.infer<typeof heardWordSchema>[];
}
