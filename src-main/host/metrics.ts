/**
 * One Prometheus address for the station, so that an operator scrapes one target: asks each process for its metrics,
 * adds its name as the label `process`, and gives them together with the supervisor's own.
 */
import { createServer, type Server } from 'node:http';
import type { ChildStatus } from '../supervisor/supervisor.ts';

const CHILD_TIMEOUT_MS = 1_000;

export interface MetricsSource {
  name: string;
  url: string;
}

/** Serves `GET /metrics` on loopback. */
export async function serveMetrics(
  port: number,
  sources: readonly MetricsSource[],
  statuses: () => ChildStatus[],
): Promise<Server> {
  const server = createServer(async (request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    const texts = await Promise.all(sources.map(fetchMetrics));
    const body = mergeMetrics([...texts, { process: 'host', text: supervisorMetrics(statuses()) }]);
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(body);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

async function fetchMetrics(source: MetricsSource): Promise<{ process: string; text: string }> {
  try {
    const response = await fetch(source.url, { signal: AbortSignal.timeout(CHILD_TIMEOUT_MS) });
    return { process: source.name, text: response.ok ? await response.text() : '' };
  } catch {
    return { process: source.name, text: '' };
  }
}

/** The supervisor's view of each child, in Prometheus text. */
export function supervisorMetrics(statuses: readonly ChildStatus[]): string {
  const up = statuses.map(
    (child) => `mindbot_child_up{child="${child.name}"} ${child.phase === 'ready' ? 1 : 0}`,
  );
  const restarts = statuses.map(
    (child) => `mindbot_child_restarts_total{child="${child.name}"} ${child.restarts}`,
  );
  return [
    '# HELP mindbot_child_up 1 while the child answers its health check.',
    '# TYPE mindbot_child_up gauge',
    ...up,
    '# HELP mindbot_child_restarts_total Times the child ended and was started again.',
    '# TYPE mindbot_child_restarts_total counter',
    ...restarts,
  ].join('\n');
}

/**
 * Merges Prometheus texts of several processes: the lines of one metric stand together under one HELP and TYPE (the
 * format forbids anything else), each sample labelled with its process.
 */
export function mergeMetrics(texts: readonly { process: string; text: string }[]): string {
  const heads = new Map<string, string[]>();
  const samples = new Map<string, string[]>();
  for (const { process, text } of texts) {
    let metric = '';
    for (const line of text.split('\n')) {
      const comment = /^# (HELP|TYPE) (\S+)/.exec(line);
      if (comment) {
        metric = comment[2] ?? '';
        const head = heads.get(metric) ?? [];
        if (!head.some((known) => known.startsWith(`# ${comment[1]} `))) heads.set(metric, [...head, line]);
      } else if (line !== '' && !line.startsWith('#')) {
        samples.set(metric, [...(samples.get(metric) ?? []), labelled(line, process)]);
      }
    }
  }
  const blocks = [...samples].map(([metric, lines]) => [...(heads.get(metric) ?? []), ...lines].join('\n'));
  return `${blocks.join('\n')}\n`;
}

function labelled(sample: string, process: string): string {
  const brace = sample.indexOf('{');
  const space = sample.indexOf(' ');
  if (brace >= 0 && brace < space)
    return `${sample.slice(0, brace + 1)}process="${process}",${sample.slice(brace + 1)}`;
  return `${sample.slice(0, space)}{process="${process}"}${sample.slice(space)}`;
}
