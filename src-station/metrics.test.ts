import { expect, it } from 'vitest';
import type { VisitSnapshot } from '../src-shared/visit.ts';
import { createMetrics } from './metrics.ts';

it('tells how the usage log stands: what waits, what contradicts the server, what was kept aside', async () => {
  const no = { ok: false, reason: 'starting' } as const;
  const services = { talk: no, activate: no, buy: no, reader: no };
  const snapshot = { talk: null, visitId: null, services } as VisitSnapshot;
  const metrics = createMetrics({
    snapshot: () => snapshot,
    backlogRows: () => 12,
    quarantinedEpochs: () => 1,
    parkedRows: () => 3,
    databaseReachable: () => false,
  });
  const lines = (await metrics.metrics()).split('\n');
  expect(lines).toContain('mindbot_station_usage_backlog_rows 12');
  expect(lines).toContain('mindbot_station_usage_quarantined_epochs 1');
  expect(lines).toContain('mindbot_station_usage_parked_rows 3');
  expect(lines).toContain('mindbot_station_database_reachable 0');
  expect(lines).toContain('mindbot_station_talk_running 0');
});
