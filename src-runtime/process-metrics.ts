/** Prometheus' standard figures of a Node process: CPU, memory, event loop, garbage collection. */
import { collectDefaultMetrics, type Registry } from 'prom-client';

/**
 * The event loop's lag is sampled this often. prom-client's own 10 ms wake an idle process a hundred times a second:
 * half a per cent of a core in each of six processes (measured). Lag that people notice is still seen.
 */
const EVENT_LOOP_SAMPLE_MS = 250;

/** Adds the standard figures to `register`. */
export function collectProcessMetrics(register: Registry): void {
  collectDefaultMetrics({ register, eventLoopMonitoringPrecision: EVENT_LOOP_SAMPLE_MS });
}
