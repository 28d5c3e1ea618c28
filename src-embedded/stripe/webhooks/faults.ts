/**
 * Fault knobs for tests: what may go wrong between Stripe and the product, made to go wrong on purpose. They live in
 * memory and exist only where SANDBOX_FAULTS=1.
 */
import { z } from 'zod';
import { flag, whole } from '../api/params.ts';
import type { ScheduleRule } from '../store/deliveries.ts';

export interface Faults {
  /** Further copies of each delivery. */
  duplicate: number;
  /** Deliveries of the next while are collected and sent newest first. */
  reorder: boolean;
  delayMs: number;
  /** How many of the next events are never delivered. */
  drop: number;
  /** Event types the four above touch; empty means all. */
  types: string[];
  /** Added to each API request. */
  apiDelayMs: number;
  /** How many of the next POST requests are answered with 500 without doing anything. */
  apiErrors: number;
  /** How many of the next POST requests are done, but their answer is lost with the connection. */
  apiDisconnects: number;
}

export const NO_FAULTS: Faults = {
  duplicate: 0,
  reorder: false,
  delayMs: 0,
  drop: 0,
  types: [],
  apiDelayMs: 0,
  apiErrors: 0,
  apiDisconnects: 0,
};

/** Body of POST /_sandbox/faults: what isn't named goes back to none. */
export const faultParams = z.strictObject({
  duplicate: whole(0, 10).optional(),
  reorder: flag.optional(),
  delay_ms: whole(0, 600_000).optional(),
  drop: whole(0, 1_000_000).optional(),
  types: z.string().optional(),
  api_delay_ms: whole(0, 60_000).optional(),
  api_errors: whole(0, 1_000_000).optional(),
  api_disconnects: whole(0, 1_000_000).optional(),
});

export interface FaultBox {
  current: Faults;
  set(params: z.infer<typeof faultParams>): Faults;
  scheduleRule: ScheduleRule;
  /** Takes one of a counted API fault, if any is left. */
  take(fault: 'apiErrors' | 'apiDisconnects'): boolean;
}

/** With `reorder` each delivery is due this much earlier than the one before it, inside a window of a second. */
const REORDER_WINDOW_MS = 1_000;
const REORDER_STEP_MS = 50;

export function createFaultBox(): FaultBox {
  let told = 0;
  const box: FaultBox = {
    current: { ...NO_FAULTS },
    set(params) {
      box.current = {
        duplicate: params.duplicate ?? 0,
        reorder: params.reorder ?? false,
        delayMs: params.delay_ms ?? 0,
        drop: params.drop ?? 0,
        types: (params.types ?? '').split(',').filter((type) => type !== ''),
        apiDelayMs: params.api_delay_ms ?? 0,
        apiErrors: params.api_errors ?? 0,
        apiDisconnects: params.api_disconnects ?? 0,
      };
      return box.current;
    },
    scheduleRule(type) {
      const faults = box.current;
      if (faults.types.length > 0 && !faults.types.includes(type)) return [0];
      if (faults.drop > 0) {
        faults.drop -= 1;
        return [];
      }
      const steps = REORDER_WINDOW_MS / REORDER_STEP_MS;
      const reorderMs = faults.reorder ? REORDER_WINDOW_MS - (told++ % steps) * REORDER_STEP_MS : 0;
      return Array.from({ length: faults.duplicate + 1 }, () => faults.delayMs + reorderMs);
    },
    take(fault) {
      if (box.current[fault] === 0) return false;
      box.current[fault] -= 1;
      return true;
    },
  };
  return box;
}
