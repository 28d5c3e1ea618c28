/** The station's Prometheus figures. No ids of people in labels. */
import { Gauge, Registry } from 'prom-client';
import { collectProcessMetrics } from '../src-runtime/process-metrics.ts';
import type { VisitSnapshot } from '../src-shared/visit.ts';

export interface MetricsSources {
  snapshot(): VisitSnapshot;
  backlogRows(): number;
  quarantinedEpochs(): number;
  parkedRows(): number;
  databaseReachable(): boolean;
}

export function createMetrics(sources: MetricsSources): Registry {
  const registry = new Registry();
  collectProcessMetrics(registry);
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `mindbot_station_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  gauge('usage_backlog_rows', 'Usage rows the server has not confirmed', sources.backlogRows);
  gauge(
    'usage_quarantined_epochs',
    'Histories of the usage log that contradict the server',
    sources.quarantinedEpochs,
  );
  gauge('usage_parked_rows', 'Usage rows the server kept aside within a day', sources.parkedRows);
  gauge('database_reachable', '1 while Supabase answers', () => Number(sources.databaseReachable()));
  gauge('talk_running', '1 while a talk is open', () => Number(sources.snapshot().talk !== null));
  gauge('visit_open', '1 while somebody is here', () => Number(sources.snapshot().visitId !== null));
  for (const service of ['talk', 'activate', 'buy'] as const) {
    gauge(`${service}_available`, `1 while customers can ${service}`, () =>
      Number(sources.snapshot().services[service].ok),
    );
  }
  return registry;
}
