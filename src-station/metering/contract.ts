/**
 * What the visit needs of metering, and nothing more: open the account of a talk, feed it with what is known about
 * both ends, read the clock, close it. Everything behind it (lease, durable log, sync) is metering's own business.
 */
import type { Balance } from '../../src-shared/relay-api.ts';
import type { EndReason, MeterState, TalkHeartbeat } from '../../src-shared/visit.ts';
import type { LegStanding } from './meter-rules.ts';

/** Why a talk can't be opened. */
export type OpenTalkRefusal =
  | 'no_time_left'
  | 'database_unreachable'
  | 'time_in_use_elsewhere'
  | 'storage_full'
  | 'clock_wrong'
  | 'kiosk_revoked';

export interface TalkTotals {
  talkId: string;
  startedAtMs: number;
  endedAtMs: number;
  /** Whole seconds charged to the wallet by this talk. */
  chargedSeconds: number;
  endReason: EndReason;
}

/** The account of one running talk. All methods are synchronous and cheap; network work happens behind them. */
export interface TalkAccount {
  readonly talkId: string;
  readonly userId: string;
  /** Latest word from the page about both ends; answers how its leg stands by it. */
  heartbeat(beat: TalkHeartbeat): LegStanding;
  pause(): void;
  resume(): void;
  /** A payment for this wallet is under way: at zero the talk waits up to 3 free minutes instead of ending. */
  setPaymentPending(pending: boolean): void;
  /** Ask the server for fresh seconds now (after a top-up). */
  refresh(): void;
  readonly state: MeterState;
  readonly chargedSeconds: number;
  /** Reserved and unused plus what the server last said is available beyond it. Stands still once ended. */
  readonly remainingSeconds: number;
  /** Charges what is due, then writes the end into the log; idempotent. Unused reserved seconds go back once the server is heard from. */
  end(reason: EndReason): TalkTotals;
}

export type MeteringEvent =
  /** Once a second while a talk is open, and at each change of state. */
  | { type: 'tick'; talkId: string; state: MeterState; chargedSeconds: number; remainingSeconds: number }
  /** Crossed 5 min, 1 min, 15 s downwards. Once each, again after a top-up. */
  | { type: 'lowTime'; talkId: string; usableSeconds: number }
  /** 45 s of silence: the clock is stopped, ask the customer; `silenceOver` when a voice or touch came back. */
  | { type: 'stillThere'; talkId: string }
  | { type: 'silenceOver'; talkId: string }
  /** The talk must end now (the visit ends it by `end(reason)`). */
  | { type: 'mustEnd'; talkId: string; reason: EndReason }
  /** The database came or went. */
  | { type: 'database'; reachable: boolean }
  /** Rows not yet confirmed by the server changed to or from zero. */
  | { type: 'settled'; talkId: string };

export interface Metering {
  /** Talk found open in the store at start (crash): closed at its last durable second; told once. */
  readonly interruptedTalk: (TalkTotals & { userId: string; visitId: string }) | null;
  openTalk(input: {
    talkId: string;
    visitId: string;
    userId: string;
  }): Promise<TalkAccount | OpenTalkRefusal>;
  /** Balance from the server under this visit's grant; last known one (older asOf) when unreachable; null when never known. */
  balance(userId: string): Promise<Balance | null>;
  readonly databaseReachable: boolean;
  /** Seconds that the last talk left reserved: its visit may talk on with them while the database is away. Else 0. */
  readonly keptSeconds: number;
  /** Whose wallet is open on the screen, null for nobody's: what was left reserved for any other goes back. */
  walletIs(userId: string | null): void;
  /** Rows in the store that the server has not confirmed. */
  readonly backlogRows: number;
  onEvent(listener: (event: MeteringEvent) => void): () => void;
  /** True once every row of this talk is confirmed by the server. */
  isSettled(talkId: string): boolean;
  stop(): Promise<void>;
}
