/**
 * The children of a station, one function each: what to run, with which environment (an allow-list: nothing else is
 * inherited), how to ask for its health. Order is start order.
 */
import { join } from 'node:path';
import { livekitConfig, probeLivekit } from '../src-embedded/livekit/launch.ts';
import {
  connectionUrl,
  prepareCluster,
  probeCluster,
  superuserConnection,
} from '../src-embedded/postgres/cluster.ts';
import type { PortName } from '../src-shared/ports.ts';
import { nodeBinary, projectDir } from './paths.ts';
import type { StationPlan } from './plan.ts';
import { builtProgram } from './setup/built-children.ts';
import type { ChildSpec, LaunchCommand } from './supervisor/child-spec.ts';
import { probeHealth } from './supervisor/probes.ts';

/** System variables a program may need to run at all; none of them carries a secret. */
const SYSTEM_VARIABLES = [
  'PATH',
  'HOME',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'XDG_CACHE_HOME',
  'SystemRoot',
  'TEMP',
];

/**
 * Forked jobs of the agent inherit them. A small young generation: each process keeps up to three times its size, for
 * work that allocates little.
 */
const NODE_FLAGS = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=1'];

export interface ChildrenOptions {
  plan: StationPlan;
  /** Undefined where livekit-server could not be had: the station then runs without voice. */
  livekitBinary: string | undefined;
  pageDir: string;
  /** Folder of the built children (setup/children-build.ts); without it they run from their sources. */
  builtDir?: string | undefined;
}

export function stationChildren(options: ChildrenOptions): ChildSpec[] {
  const { plan } = options;
  const children: ChildSpec[] = [];
  if (plan.parts.supabase) children.push(...supabaseChildren(options));
  if (plan.parts.stripe) children.push(stripeChild(options));
  if (plan.parts.openai || plan.parts.deepgram) children.push(speechChild(options));
  if (plan.parts.livekit && options.livekitBinary) children.push(livekitChild(plan, options.livekitBinary));
  // A kiosk of a fleet uses the operator's relay, and holds none of its secrets.
  if (!plan.settings.RELAY_URL) children.push(relayChild(options));
  children.push(stationChild(options));
  if (plan.hasAgent && (!plan.parts.livekit || options.livekitBinary)) children.push(agentChild(options));
  return children;
}

function supabaseChildren(options: ChildrenOptions): ChildSpec[] {
  const { plan } = options;
  const { postgres, supabase } = plan.secrets;
  const dir = join(plan.dataDir, 'postgres');
  const connection = superuserConnection(dir, postgres.superuserPassword);
  const database: ChildSpec = {
    name: 'postgres',
    async launch(): Promise<LaunchCommand> {
      const { command, args, env } = await prepareCluster({
        dir,
        superuserPassword: postgres.superuserPassword,
      });
      return { command, args, env };
    },
    async probe(_instanceId, timeoutMs) {
      // A private socket folder and our password: a stranger can't answer here.
      await probeCluster(connection, timeoutMs);
      return { alive: true, status: 'ok', notes: [] };
    },
    parentDeathSignal: 'INT',
    stopSignal: 'SIGINT',
    outputFile: join(plan.logDir, 'embedded-postgres.log'),
  };
  const api = nodeChild(options, {
    name: 'supabase',
    entry: 'src-embedded/supabase/main.ts',
    port: 'supabase',
    env: () => ({
      PORT: String(plan.ports.supabase),
      DATABASE_URL_ADMIN: connectionUrl(connection),
      AUTHENTICATOR_PASSWORD: postgres.authenticatorPassword,
      POSTGRES_PASSWORD: postgres.ownerPassword,
      SUPABASE_JWT_PRIVATE_JWK: JSON.stringify(supabase.privateJwk),
      SUPABASE_ANON_KEY: supabase.anonKey,
      SUPABASE_SERVICE_ROLE_KEY: supabase.serviceRoleKey,
      SUPABASE_PUBLIC_URL: plan.urls.supabase,
      MIGRATIONS_DIR: join(projectDir(), 'supabase', 'migrations'),
    }),
  });
  return [database, api];
}

function stripeChild(options: ChildrenOptions): ChildSpec {
  const { plan } = options;
  return nodeChild(options, {
    name: 'stripe',
    entry: 'src-embedded/stripe/main.ts',
    port: 'stripe',
    env: () => ({
      PORT: String(plan.ports.stripe),
      PUBLIC_URL: plan.urls.stripe,
      STRIPE_SECRET_KEY: plan.keys.stripeSecret,
      STRIPE_WEBHOOK_SECRET: plan.keys.stripeWebhookSecret,
      ...(plan.keys.stripePublishable && { STRIPE_PUBLISHABLE_KEY: plan.keys.stripePublishable }),
      TERMINAL_READER: plan.terminalReader,
      WEBHOOK_URL: `${plan.urls.relay}/webhooks/stripe`,
    }),
  });
}

function speechChild(options: ChildrenOptions): ChildSpec {
  const { plan } = options;
  return nodeChild(options, {
    name: 'speech',
    entry: 'src-embedded/speech/main.ts',
    port: 'speech',
    env: () => ({ PORT: String(plan.ports.speech), SPEECH_API_KEY: plan.secrets.speechApiKey }),
  });
}

function livekitChild(plan: StationPlan, binary: string): ChildSpec {
  const options = {
    port: plan.ports.livekit,
    rtcUdpPort: plan.ports.livekitRtcUdp,
    apiKey: plan.keys.livekitKey,
    apiSecret: plan.keys.livekitSecret,
    webhookUrl: `${plan.urls.station}/livekit/webhook`,
  };
  return {
    name: 'livekit',
    launch: async () => ({
      command: binary,
      args: [],
      env: { ...systemEnvironment(), LIVEKIT_CONFIG: livekitConfig(options) },
    }),
    async probe(_instanceId, timeoutMs) {
      return (await probeLivekit(options, timeoutMs))
        ? { alive: true, status: 'ok', notes: [] }
        : { alive: false };
    },
    // On SIGTERM it waits for the last participant to leave; with the host gone nobody would make them.
    parentDeathSignal: 'KILL',
    stopSignal: 'SIGTERM',
    outputFile: join(plan.logDir, 'embedded-livekit.log'),
  };
}

function relayChild(options: ChildrenOptions): ChildSpec {
  const { plan } = options;
  return nodeChild(options, {
    name: 'relay',
    entry: 'src-relay/main.ts',
    port: 'relay',
    env: () => ({
      PORT: String(plan.ports.relay),
      PUBLIC_URL: plan.urls.relayPublic,
      SUPABASE_URL: plan.urls.supabase,
      SUPABASE_ANON_KEY: plan.keys.supabaseAnon,
      SUPABASE_SERVICE_ROLE_KEY: plan.keys.supabaseServiceRole,
      STRIPE_SECRET_KEY: plan.keys.stripeSecret,
      STRIPE_WEBHOOK_SECRET: plan.keys.stripeWebhookSecret,
      STRIPE_API_BASE: plan.parts.stripe ? plan.urls.stripe : '',
      STRIPE_TERMINAL_READER: plan.terminalReader,
      STRIPE_PUBLISHABLE_KEY: plan.keys.stripePublishable,
      STATION_ORIGIN: plan.urls.station,
      CODE_KEYS: plan.keys.codeKeys,
      KIOSK_ACCOUNT: JSON.stringify(plan.secrets.kiosk),
      // With a Supabase project of the operator's own, staff accounts are made there.
      ...(plan.parts.supabase ? { ADMIN_ACCOUNT: JSON.stringify(plan.secrets.admin) } : {}),
    }),
  });
}

function stationChild(options: ChildrenOptions): ChildSpec {
  const { plan, pageDir } = options;
  const embedded = Object.entries({
    payments: plan.parts.stripe,
    speech: plan.parts.openai || plan.parts.deepgram,
    database: plan.parts.supabase,
    livekit: plan.parts.livekit,
  });
  return nodeChild(options, {
    name: 'station',
    entry: 'src-station/main.ts',
    port: 'station',
    env: () => ({
      PORT: String(plan.ports.station),
      PUBLIC_URL: plan.urls.station,
      SUPABASE_URL: plan.urls.supabase,
      SUPABASE_ANON_KEY: plan.keys.supabaseAnon,
      RELAY_URL: plan.urls.relay,
      LIVEKIT_URL: plan.urls.livekit,
      ...(plan.hasAgent
        ? {
            LIVEKIT_API_KEY: plan.keys.livekitKey,
            LIVEKIT_API_SECRET: plan.keys.livekitSecret,
            AGENT_HEALTH_URL: plan.urls.agentHealth,
          }
        : {}),
      KIOSK_ACCOUNT: JSON.stringify(plan.secrets.kiosk),
      STORE_MAC_KEY: plan.secrets.storeMacKey,
      LAUNCH_SECRET: plan.secrets.launchSecret,
      PAGE_DIR: pageDir,
      PAY_PAGE_ORIGIN: plan.keys.stripePublishable && new URL(plan.urls.relayPublic).origin,
      EMBEDDED_PARTS: embedded.flatMap(([name, isEmbedded]) => (isEmbedded ? [name] : [])).join(','),
    }),
  });
}

/** The voice agent: beside the station, or alone on a machine of a fleet. */
export function agentChild(options: Pick<ChildrenOptions, 'plan' | 'builtDir'>): ChildSpec {
  const { plan } = options;
  const { settings, parts, secrets } = plan;
  const speechHttp = `${plan.urls.speech}/v1`;
  return nodeChild(options, {
    name: 'agent',
    entry: 'src-agent/main.ts',
    port: 'agentHealth',
    env: () => ({
      HEALTH_CHECK_PORT: String(plan.ports.agentHealth),
      AGENT_WORKER_PORT: String(plan.ports.agentWorker),
      LIVEKIT_URL: plan.urls.livekit,
      LIVEKIT_API_KEY: plan.keys.livekitKey,
      LIVEKIT_API_SECRET: plan.keys.livekitSecret,
      OPENAI_API_KEY: settings.OPENAI_API_KEY ?? secrets.speechApiKey,
      OPENAI_BASE_URL: settings.OPENAI_BASE_URL ?? (parts.openai ? speechHttp : ''),
      OPENAI_LLM_MODEL: settings.OPENAI_LLM_MODEL,
      OPENAI_TTS_MODEL: settings.OPENAI_TTS_MODEL,
      OPENAI_TTS_VOICE: settings.OPENAI_TTS_VOICE,
      DEEPGRAM_API_KEY: settings.DEEPGRAM_API_KEY ?? secrets.speechApiKey,
      DEEPGRAM_BASE_URL:
        settings.DEEPGRAM_BASE_URL ?? (parts.deepgram ? `${plan.urls.speech.replace(/^http/, 'ws')}` : ''),
      DEEPGRAM_MODEL: settings.DEEPGRAM_MODEL,
    }),
  });
}

/** A child that is one of our own Node processes. */
function nodeChild(
  options: Pick<ChildrenOptions, 'plan' | 'builtDir'>,
  child: { name: string; entry: string; port: PortName; env(): Record<string, string> },
): ChildSpec {
  const { plan } = options;
  return {
    name: child.name,
    launch: async (instanceId) => ({
      command: nodeBinary(),
      ...program(options.builtDir, child.name, child.entry, {
        ...systemEnvironment(),
        MINDBOT_INSTANCE_ID: instanceId,
        MINDBOT_DATA_DIR: plan.dataDir,
        MINDBOT_LOG_DIR: plan.logDir,
        LOG_LEVEL: plan.settings.LOG_LEVEL,
        ENVIRONMENT: plan.settings.ENVIRONMENT,
        ...child.env(),
      }),
    }),
    probe: (instanceId, timeoutMs) =>
      probeHealth(`http://127.0.0.1:${plan.ports[child.port]}/health`, instanceId, timeoutMs),
    parentDeathSignal: 'TERM',
    stopSignal: 'SIGTERM',
    outputFile: join(plan.logDir, `${child.name}.out`),
  };
}

/** The built child where there is one (asked at each spawn), else its source. */
function program(
  builtDir: string | undefined,
  name: string,
  entry: string,
  env: Record<string, string>,
): Pick<LaunchCommand, 'args' | 'env'> {
  const built = builtProgram(builtDir, name);
  if (!built) return { args: [...NODE_FLAGS, join(projectDir(), entry)], env };
  return { args: [...NODE_FLAGS, built.program], env: { ...env, NODE_COMPILE_CACHE: built.compiledDir } };
}

function systemEnvironment(): Record<string, string> {
  const entries = SYSTEM_VARIABLES.map((name) => [name, process.env[name]]).filter(([, value]) => value);
  return Object.fromEntries(entries) as Record<string, string>;
}
