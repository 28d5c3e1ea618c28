/**
 * Faults to order: what a test wants the ears, the mind or the voice to do wrong, so that the product can be tried
 * against a service that refuses, hangs, breaks off or is slow. One fault for each role at a time; a new order takes the
 * place of the old one. Who serves a role asks here and does it; nothing is done to a role without an order.
 */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';

const LONGEST_DELAY_MS = 600_000;
const delay = z.number().min(0).max(LONGEST_DELAY_MS).default(0);
const roleSchema = z.enum(['ears', 'mind', 'voice']);

export const faultSchema = z.strictObject({
  role: roleSchema,
  /**
   * refuse: an error of `status`; hang: taken and never answered; cut: closed in mid-answer (the ears' WebSocket with
   * 1011); garbage: an answer that can't be read; slow: `delayMs` before the answer (the ears: before each final) and
   * `paceMs` between its pieces; silent: a good answer with nothing in it.
   */
  kind: z.enum(['refuse', 'hang', 'cut', 'garbage', 'slow', 'silent']),
  status: z.literal([401, 404, 429, 500]).default(500),
  delayMs: delay,
  paceMs: delay,
  /** Answers that it happens to; left out: all until it is cleared. */
  times: z.int().min(1).optional(),
});
export type Fault = z.infer<typeof faultSchema>;
export type FaultRole = Fault['role'];

/** Which order to take back; without a role all of them. */
export const clearSchema = z.strictObject({ role: roleSchema.optional() });

/** Pieces of an answer that is cut. */
const PIECES_BEFORE_CUT = 2;
/** What was written before a cut shall reach the client. */
const FLUSH_MS = 50;

export class Faults {
  readonly #orders = new Map<FaultRole, Fault & { left: number }>();
  readonly #held = new Set<Duplex | Socket>();

  order(fault: Fault): void {
    this.#orders.set(fault.role, { ...fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  clear(role?: FaultRole): void {
    if (role) this.#orders.delete(role);
    else this.#orders.clear();
  }

  /** What is ordered for the role, without using it up. */
  of(role: FaultRole): Fault | undefined {
    return this.#orders.get(role);
  }

  /** What is ordered for this answer; one of its times is used up. */
  take(role: FaultRole): Fault | undefined {
    const order = this.#orders.get(role);
    if (!order) return undefined;
    order.left -= 1;
    if (order.left <= 0) this.#orders.delete(role);
    return order;
  }

  /** Keeps a connection open without a word. */
  hold(socket: Duplex | Socket): void {
    this.#held.add(socket);
    socket.once('close', () => this.#held.delete(socket));
    socket.on('error', () => undefined);
  }

  /** Ends what is held, so that the server can close. */
  release(): void {
    for (const socket of this.#held) socket.destroy();
  }
}

/**
 * The pieces of an answer with the fault in them; without one as they are.
 * @throws Error where the answer is to be cut, which makes the server close the connection
 */
export async function* spoiled<Piece>(
  pieces: AsyncIterable<Piece>,
  fault: Fault | undefined,
  garbage: Piece,
): AsyncGenerator<Piece> {
  if (fault?.kind === 'silent') return;
  if (fault?.kind === 'garbage') {
    yield garbage;
    return;
  }
  let count = 0;
  for await (const piece of pieces) {
    if (fault?.kind === 'slow') await pause(count === 0 ? fault.delayMs : fault.paceMs);
    if (fault?.kind === 'cut' && count === PIECES_BEFORE_CUT) break;
    yield piece;
    count += 1;
  }
  if (fault?.kind !== 'cut') return;
  await pause(FLUSH_MS);
  throw new Error('the answer was cut as ordered');
}
