/**
 * Acknowledging a webhook: the relay's real route (signature, checks, the event durably in the inbox, through the Supabase
 * API) against bare Fastify handlers: one that verifies and inserts one row by `pg` in the same Postgres, one that
 * verifies and stores through the same API, one that only answers (tests/support/programs/webhook-servers.ts says precisely what
 * each does). Real events of the sandbox, commits on the disk, in turns. The embedded Supabase API is a process of its
 * own here, so the relay's way is two processes long.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import Stripe from 'stripe';
import {
  createStarterSession,
  GOOD_CARD,
  postForm,
  startTestSandbox,
  TEST_WEBHOOK_SECRET,
} from '../support/stripe/stripe-sandbox.ts';
import { startTestSupabase, type TestSupabase } from '../support/supabase/supabase.ts';
import { type BenchOptions, type Metric, median, percentile } from './bench.ts';

const SERVERS = fileURLToPath(new URL('../support/programs/webhook-servers.ts', import.meta.url));
const CLIENTS = [1, 4, 16];
const GOAL_P99_MS = 20;
const WARM_UP = 200;

const NAMES = ['idle', 'bare', 'near', 'relay'] as const;
type Name = (typeof NAMES)[number];

export async function benchWebhook({ quick }: BenchOptions, report: (metric: Metric) => void): Promise<void> {
  const [event, supabase] = await Promise.all([realEvent(), startTestSupabase({ durable: true })]);
  try {
    await supabase.database.admin.query(BARE_SQL);
    const servers = await startServers(supabase);
    try {
      const rounds = quick ? 3 : 5;
      const count = quick ? 300 : 1_000;
      const sentTo: Record<Name, number> = { idle: 0, bare: 0, near: 0, relay: 0 };
      for (const clients of CLIENTS) {
        const seen: Record<Name, { rates: number[]; timesMs: number[] }> = {
          idle: { rates: [], timesMs: [] },
          bare: { rates: [], timesMs: [] },
          near: { rates: [], timesMs: [] },
          relay: { rates: [], timesMs: [] },
        };
        for (let round = -1; round < rounds; round += 1) {
          for (const name of NAMES) {
            const sent = await send(servers.urls[name], event, clients, round < 0 ? WARM_UP : count);
            sentTo[name] += sent.timesMs.length;
            if (round < 0) continue;
            seen[name].rates.push(sent.perSecond);
            seen[name].timesMs.push(...sent.timesMs);
          }
        }
        const rate = (name: Name) => median(seen[name].rates);
        const p99 = (name: Name) => percentile(seen[name].timesMs, 0.99);
        const acks = `webhook acks a second, ${clients} clients, against a bare handler that`;
        const lines: [string, number, Metric['unit'], number][] = [
          [`${acks} checks and inserts`, rate('relay'), '/s', rate('bare')],
          [`${acks} checks and stores through the Supabase API`, rate('relay'), '/s', rate('near')],
          [`${acks} only answers`, rate('relay'), '/s', rate('idle')],
          [`webhook ack, ${clients} clients, p99`, p99('relay'), 'ms', GOAL_P99_MS],
          [
            `webhook ack of the bare handler that inserts, ${clients} clients, p99`,
            p99('bare'),
            'ms',
            GOAL_P99_MS,
          ],
        ];
        for (const [metric, value, unit, reference] of lines) report({ metric, value, unit, reference });
      }
      await checkRows(supabase, sentTo);
    } finally {
      await servers.stop();
    }
  } finally {
    await supabase.stop();
  }
}

/** Every delivery that was acknowledged is there, once. @throws Error when not */
async function checkRows(supabase: TestSupabase, sentTo: Record<Name, number>): Promise<void> {
  const { rows } = await supabase.database.admin.query<{ relay: number; bare: number }>(
    `select (select count(*)::int from public.webhook_inbox) as relay,
       (select count(*)::int from bare.webhook_inbox) as bare`,
  );
  const [stored] = rows;
  if (stored?.relay !== sentTo.relay + sentTo.near || stored.bare !== sentTo.bare)
    throw new Error(`stored ${JSON.stringify(stored)}, sent ${JSON.stringify(sentTo)}`);
}

const BARE_SQL = `
create schema bare;
create table bare.webhook_inbox (
  event_id text primary key, type text not null, created timestamptz not null, livemode boolean not null,
  payload jsonb not null, received_at timestamptz not null default now());`;

/** A `checkout.session.completed` as the sandbox makes it, for its size and shape. */
async function realEvent(): Promise<Stripe.Event> {
  const sandbox = await startTestSandbox();
  try {
    const session = await createStarterSession(sandbox.stripe);
    await postForm(session.url ?? '', GOOD_CARD);
    const { data } = await sandbox.stripe.events.list({ type: 'checkout.session.completed' });
    const [event] = data;
    if (!event) throw new Error('the sandbox made no event');
    return event;
  } finally {
    await sandbox.close();
  }
}

interface Servers {
  urls: Record<Name, string>;
  stop(): Promise<void>;
}

async function startServers(supabase: TestSupabase): Promise<Servers> {
  const setup = {
    supabaseUrl: supabase.url,
    serviceRoleKey: supabase.serviceRoleKey,
    databaseUrl: supabase.database.url,
    secret: TEST_WEBHOOK_SECRET,
  };
  const child = spawn(process.execPath, [SERVERS], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'], WEBHOOK_BENCH: JSON.stringify(setup) },
  });
  const [line] = (await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => {
      throw new Error('the servers of the bench did not start');
    }),
  ])) as [Buffer];
  const ended = once(child, 'exit');
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  return { urls: JSON.parse(line.toString()) as Record<Name, string>, stop };
}

interface Delivery {
  body: string;
  signature: string;
}

let made = 0;

/** Signed beforehand, each with an id of its own: making them is not what is measured. */
function deliveries(event: Stripe.Event, count: number): Delivery[] {
  return Array.from({ length: count }, () => {
    made += 1;
    const payload = JSON.stringify({ ...event, id: `evt_bench${made}` }, null, 2);
    const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret: TEST_WEBHOOK_SECRET });
    return { body: payload, signature };
  });
}

let blocks = 0;

/** Sends so many from so many clients, each one after the other over a connection of its own. */
async function send(url: string, event: Stripe.Event, clients: number, count: number) {
  const waiting = deliveries(event, count);
  const timesMs: number[] = [];
  // Each client and turn has an address of its own in the loopback network: the relay limits deliveries by address.
  blocks += 1;
  const agents = Array.from(
    { length: clients },
    (_, client) =>
      new Agent({ keepAlive: true, maxSockets: 1, localAddress: `127.0.${blocks}.${client + 1}` }),
  );
  const beganAtMs = performance.now();
  await Promise.all(
    agents.map(async (agent) => {
      for (let next = waiting.pop(); next; next = waiting.pop()) {
        const sentAtMs = performance.now();
        await post(`${url}/webhooks/stripe`, next, agent);
        timesMs.push(performance.now() - sentAtMs);
      }
    }),
  );
  const perSecond = (count * 1_000) / (performance.now() - beganAtMs);
  for (const agent of agents) agent.destroy();
  return { perSecond, timesMs };
}

async function post(url: string, { body, signature }: Delivery, agent: Agent): Promise<void> {
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'stripe-signature': signature,
  };
  const asked = request(url, { method: 'POST', agent, headers });
  asked.end(body);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}`);
}
