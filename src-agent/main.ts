/**
 * The voice agent: a LiveKit worker that waits for talks (explicit dispatch by AGENT_NAME) and runs each in a process of
 * its own. `/health` on 8090 says whether it is registered with LiveKit and whether the local voice models work;
 * `/metrics` beside it.
 */
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { AgentServer, initializeLogger, ServerOptions } from '@livekit/agents';
import { Counter, Gauge, register } from 'prom-client';
import { runChild } from '../src-runtime/child.ts';
import { type HealthReport, healthReport } from '../src-runtime/health.ts';
import { collectProcessMetrics } from '../src-runtime/process-metrics.ts';
import { siblingModule } from '../src-runtime/sibling-module.ts';
import { AGENT_NAME } from '../src-shared/agent-link.ts';
import { parseJson } from '../src-shared/parse-json.ts';
import { agentEnvironment } from './environment.ts';
import { tryLocalModels } from './local-models.ts';
import { askedProviders } from './providers/ask.ts';
import {
  FAULTS_PATH,
  type FaultReport,
  faultReportSchema,
  isOwnProcess,
  openFaultReports,
} from './providers/fault-report.ts';
import { ProviderWatch } from './providers/provider-watch.ts';
import { isServerUp, registration, watchRegistration } from './registration.ts';

/**
 * The framework's processes (jobs, local models) notice the end of their worker only after 15 s; with this, imported
 * first in each of them, at once.
 */
const END_WITH_WORKER = "data:text/javascript,process.on('disconnect',()=>process.exit(0))";
/** A job process takes about 115 MB; a worker that is full leaves further talks to other agents. */
const TALKS_AT_ONCE = 8;

runChild({
  name: 'agent',
  logFile: 'voice-agent.log',
  environment: agentEnvironment,
  async start({ env, log }) {
    // The framework's own lines go to stdout; above `warn` they would hold what is said.
    initializeLogger({ pretty: false, level: 'warn' });
    process.execArgv.push('--import', END_WITH_WORKER);
    // Off: its watchdog, a thread in this process and in each job, wakes a hundred times a second while nobody talks.
    // The event loop's lag is in our own metrics.
    process.env['LIVEKIT_AGENTS_LOOP_BLOCK_WARN_MS'] = '0';
    const server = new AgentServer(
      new ServerOptions({
        agent: fileURLToPath(siblingModule(import.meta.url, 'job')),
        agentName: AGENT_NAME,
        wsURL: env.LIVEKIT_URL,
        apiKey: env.LIVEKIT_API_KEY,
        apiSecret: env.LIVEKIT_API_SECRET,
        host: '127.0.0.1',
        port: env.AGENT_WORKER_PORT,
        // One warm process takes the next talk at once; with none, the framework never removes finished jobs (seen with 1.9.0).
        numIdleProcesses: 1,
        // By talks, not by CPU as the framework would: a busy kiosk must not leave its only customer without a voice.
        loadFunc: async (worker) => worker.activeJobs.length / TALKS_AT_ONCE,
        loadThreshold: 1,
        production: true,
        logLevel: 'warn',
      }),
    );
    openFaultReports();
    const providers = new ProviderWatch(askedProviders(env), {
      onFault: (fault) => log.error(fault, 'a provider does not answer as a talk would need it'),
      onWell: (provider) => log.info(provider, 'a provider answers again'),
    });
    const vad = await tryLocalModels();
    if (vad !== 'ok') log.error({ vad }, 'the local voice models do not work');
    const health = await serveHealth(env.HEALTH_CHECK_PORT, {
      worker: server,
      providers,
      report: async () =>
        healthReport('agent', env.MINDBOT_INSTANCE_ID, {
          livekit: await registration(env.AGENT_WORKER_PORT),
          vad,
          ...providers.checks,
        }),
      onFault: ({ talkId, fault }) => {
        log.error({ talkId, ...fault }, 'a provider failed in a talk');
        providers.met(fault);
      },
    });
    server.run().catch((error: unknown) => {
      log.fatal({ err: error }, 'the worker ended');
      process.exit(1);
    });
    const endWatch = watchRegistration(
      {
        isRegistered: async () => (await registration(env.AGENT_WORKER_PORT)) === 'ok',
        isTalking: () => server.activeJobs.length > 0,
        isServerUp: () => isServerUp(env.LIVEKIT_URL),
      },
      () => {
        log.fatal('LiveKit answers but does not register this agent; starting again');
        process.exit(1);
      },
    );
    return async () => {
      endWatch();
      providers.close();
      health.close();
      health.closeAllConnections();
      await server.close();
    };
  },
});

interface HealthParts {
  worker: AgentServer;
  providers: ProviderWatch;
  report(): Promise<HealthReport>;
  onFault(report: FaultReport): void;
}

/** Serves `/health` and `/metrics` on loopback, and takes what talks tell of their providers. */
async function serveHealth(port: number, parts: HealthParts): Promise<Server> {
  const { worker, providers, report, onFault } = parts;
  collectProcessMetrics(register);
  const faults = new Counter({
    name: 'mindbot_agent_provider_faults_total',
    help: 'Faults that talks met, by role, provider, model and kind.',
    labelNames: ['role', 'provider', 'model', 'kind'],
  });
  new Gauge({
    name: 'mindbot_agent_provider_up',
    help: '1 while a provider answers as a talk needs it.',
    labelNames: ['role', 'provider', 'model'],
    collect() {
      for (const { name, isWell } of providers.providers) this.set({ ...name }, isWell ? 1 : 0);
    },
  });
  new Gauge({
    name: 'mindbot_agent_talks',
    help: 'Talks this agent is in now.',
    collect() {
      this.set(worker.activeJobs.length);
    },
  });
  const server = createServer(async (request, response) => {
    if (request.url === '/health') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(await report()));
    } else if (request.url === '/metrics') {
      response.writeHead(200, { 'content-type': register.contentType }).end(await register.metrics());
    } else if (request.url === FAULTS_PATH && isOwnProcess(request.headers.authorization)) {
      const told = faultReportSchema.safeParse(parseJson(await text(request)));
      if (told.success) {
        const { role, provider, model, kind } = told.data.fault;
        faults.inc({ role, provider, model, kind });
        onFault(told.data);
      }
      response.writeHead(told.success ? 204 : 400).end();
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}
