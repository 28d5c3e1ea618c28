/** What Prometheus reads of the relay at GET /metrics. Labels hold route patterns and types, never ids. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { collectProcessMetrics } from '../../src-runtime/process-metrics.ts';

export function createMetrics() {
  const registry = new Registry();
  registry.setDefaultLabels({ service: 'relay' });
  collectProcessMetrics(registry);
  const registers = [registry];
  return {
    registry,
    requests: new Histogram({
      name: 'mindbot_relay_request_duration_seconds',
      help: 'Time to answer a request, by route and status.',
      labelNames: ['method', 'route', 'status'] as const,
      buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    webhooks: new Counter({
      name: 'mindbot_relay_webhooks_total',
      help: 'Webhook deliveries, by event type and what became of them.',
      labelNames: ['type', 'result'] as const,
      registers,
    }),
    events: new Counter({
      name: 'mindbot_relay_events_processed_total',
      help: 'Stored Stripe events worked off, by type and result.',
      labelNames: ['type', 'result'] as const,
      registers,
    }),
    settlements: new Counter({
      name: 'mindbot_relay_settlements_total',
      help: 'Effects on purchases, by kind and by who found them (webhook, poll, claim, cancel).',
      labelNames: ['action', 'source'] as const,
      registers,
    }),
    redemptions: new Counter({
      name: 'mindbot_relay_redemptions_total',
      help: 'Codes typed, by outcome.',
      labelNames: ['outcome'] as const,
      registers,
    }),
    backlog: new Gauge({
      name: 'mindbot_relay_event_backlog',
      help: 'Stored Stripe events that still wait to be worked off.',
      registers,
    }),
    setAside: new Gauge({
      name: 'mindbot_relay_events_set_aside',
      help: 'Stored Stripe events that could not be worked off in ten tries; a person has to look at them.',
      registers,
    }),
  };
}
export type Metrics = ReturnType<typeof createMetrics>;
