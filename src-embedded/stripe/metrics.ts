/** Prometheus figures of the sandbox: requests answered, webhook deliveries still to be made and how late they are. */
import { Counter, Gauge, Registry } from 'prom-client';
import { collectProcessMetrics } from '../../src-runtime/process-metrics.ts';
import type { Store } from './store/store.ts';

export interface Metrics {
  contentType: string;
  text(): Promise<string>;
  /** Counts one answered request. */
  count(method: string, status: number): void;
}

export function createMetrics(store: Store, nowMs: () => number): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service: 'stripe' });
  collectProcessMetrics(registry);
  const requests = new Counter({
    name: 'mindbot_stripe_sandbox_requests_total',
    help: 'Requests answered, by method and status.',
    labelNames: ['method', 'status'],
    registers: [registry],
  });
  new Gauge({
    name: 'mindbot_stripe_sandbox_webhook_deliveries_pending',
    help: 'Webhook deliveries still to be made.',
    registers: [registry],
    collect() {
      this.set(store.deliveries.pendingTotal());
    },
  });
  new Gauge({
    name: 'mindbot_stripe_sandbox_webhook_delivery_overdue_seconds',
    help: 'How long the most overdue webhook delivery has been due.',
    registers: [registry],
    collect() {
      const dueMs = store.deliveries.nextDueMs();
      this.set(dueMs === null ? 0 : Math.max(0, (nowMs() - dueMs) / 1000));
    },
  });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    count: (method, status) => requests.inc({ method, status }),
  };
}
