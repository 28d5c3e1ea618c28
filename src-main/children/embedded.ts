/** The children that stand in for what the operator does not bring: database, payments, speech and voice server. */
import { join } from 'node:path';
import { livekitConfig, probeLivekit } from '../../src-embedded/livekit/launch.ts';
import {
  connectionUrl,
  prepareCluster,
  probeCluster,
  superuserConnection,
} from '../../src-embedded/postgres/cluster.ts';
import type { Lan } from '../host/lan.ts';
import { projectDir } from '../paths.ts';
import type { StationPlan } from '../plan/plan.ts';
import type { ChildSpec, LaunchCommand } from '../supervisor/child-spec.ts';
import { type ChildrenOptions, nodeChild, systemEnvironment } from './node-child.ts';

/** The database and the API in front of it. */
export function supabaseChildren(options: ChildrenOptions): ChildSpec[] {
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

/** The Stripe sandbox. */
export function stripeChild(options: ChildrenOptions): ChildSpec {
  const { plan } = options;
  return nodeChild(options, {
    name: 'stripe',
    port: 'stripe',
    env: () => ({
      PORT: String(plan.ports.stripe),
      PUBLIC_URL: plan.urls.checkoutPublic,
      STRIPE_SECRET_KEY: plan.keys.stripeSecret,
      STRIPE_WEBHOOK_SECRET: plan.keys.stripeWebhookSecret,
      ...(plan.keys.stripePublishable && { STRIPE_PUBLISHABLE_KEY: plan.keys.stripePublishable }),
      TERMINAL_READER: plan.terminalReader,
      WEBHOOK_URL: `${plan.urls.relay}/webhooks/stripe`,
    }),
  });
}

/** The demo speech services: recogniser, voice and scripted assistant. */
export function speechChild(options: ChildrenOptions): ChildSpec {
  const { plan } = options;
  return nodeChild(options, {
    name: 'speech',
    port: 'speech',
    env: () => ({ PORT: String(plan.ports.speech), SPEECH_API_KEY: plan.secrets.speechApiKey }),
  });
}

/** Checkout and claim page for phones in the same network. */
export function lanChild(options: ChildrenOptions, { cidr }: Lan): ChildSpec {
  const { plan } = options;
  return nodeChild(options, {
    name: 'lan',
    port: 'lan',
    env: () => ({
      PORT: String(plan.ports.lan),
      LAN_CIDR: cidr,
      RELAY_URL: plan.urls.relay,
      ...(plan.parts.stripe && { CHECKOUT_URL: plan.urls.stripe }),
    }),
  });
}

/** LiveKit’s own server. */
export function livekitChild(plan: StationPlan, binary: string): ChildSpec {
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
