/**
 * The running talk's account: passes the page's heartbeats to the meter, and what the meter makes of them to the
 * machine.
 */
import type { EndReason, TalkHeartbeat } from '../../src-shared/visit.ts';
import type { Metering, MeteringEvent, TalkAccount } from '../metering/contract.ts';
import { type ClosedTalk, VisitProblem } from './effects.ts';
import type { VisitEvent } from './events.ts';

export class TalkDriver {
  readonly #metering: Metering;
  readonly #send: (event: VisitEvent) => void;
  readonly #stopListening: () => void;
  #account: TalkAccount | null = null;
  /** Leg for which a new one was asked already; later heartbeats of it say nothing new. */
  #lostLeg = 0;

  constructor(metering: Metering, send: (event: VisitEvent) => void) {
    this.#metering = metering;
    this.#send = send;
    this.#stopListening = metering.onEvent((event) => {
      const translated = translate(event);
      if (translated) send(translated);
    });
  }

  get account(): TalkAccount | null {
    return this.#account;
  }

  /** Opens the account of a talk. @throws VisitProblem when metering refuses */
  async open(input: { talkId: string; visitId: string; userId: string }) {
    const account = await this.#metering.openTalk(input);
    if (account === 'kiosk_revoked') throw new VisitProblem('something_went_wrong', 'kiosk_revoked');
    if (typeof account === 'string') throw new VisitProblem(account);
    this.#account = account;
    this.#lostLeg = 0;
    return { remainingSeconds: account.remainingSeconds };
  }

  /** Takes a heartbeat of the given talk and leg; those of a leg that was left are the caller's to drop. */
  heartbeat(beat: TalkHeartbeat): void {
    if (this.#account?.talkId !== beat.talkId) return;
    const leg = this.#account.heartbeat(beat);
    if (leg === 'met') this.#send({ type: 'link.healthy', leg: beat.leg });
    if (leg === 'lost' || leg === 'reloaded') this.#askForNewLeg(beat.leg, leg === 'lost');
  }

  /** The LiveKit server itself reported the loss of this leg's room or assistant. */
  lostByServer(leg: number): void {
    if (this.#account) this.#askForNewLeg(leg, true);
  }

  #askForNewLeg(leg: number, counts: boolean): void {
    if (this.#lostLeg === leg) return;
    this.#lostLeg = leg;
    this.#send({ type: 'link.lost', leg, counts });
  }

  /** Closes the account. Works without one too (a talk that never got its account can't be closed twice). */
  close(reason: EndReason): ClosedTalk {
    const account = this.#account;
    if (!account) throw new VisitProblem('something_went_wrong');
    const totals = account.end(reason);
    // Only now: the end itself may still have charged a second that was due.
    const { remainingSeconds } = account;
    this.#account = null;
    const { startedAtMs, endedAtMs, chargedSeconds, endReason } = totals;
    const settled = this.#metering.isSettled(totals.talkId);
    return { startedAtMs, endedAtMs, chargedSeconds, remainingSeconds, endReason, settled };
  }

  stop(): void {
    this.#stopListening();
  }
}

function translate(event: MeteringEvent): VisitEvent | null {
  switch (event.type) {
    case 'tick':
      return { ...event, type: 'meter.tick' };
    case 'lowTime':
      return { ...event, type: 'meter.lowTime' };
    case 'stillThere':
      return { type: 'meter.stillThere', talkId: event.talkId };
    case 'silenceOver':
      return { type: 'meter.silenceOver', talkId: event.talkId };
    case 'mustEnd':
      return { type: 'meter.mustEnd', talkId: event.talkId, reason: event.reason };
    case 'settled':
      return { type: 'meter.settled', talkId: event.talkId };
    case 'database':
      return null;
  }
}
