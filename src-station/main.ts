/**
 * The station's process: puts metering, visit, rooms, relay and the local API together. `/health` answers as soon as
 * the store is open, whatever the network does.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { z } from 'zod';
import { type ChildContext, runChild } from '../src-runtime/child.ts';
import { healthReport } from '../src-runtime/health.ts';
import { createLivekitRooms, type LivekitKeys } from '../src-runtime/livekit-rooms.ts';
import { healthReportSchema } from '../src-shared/health.ts';
import { createAdminDoor } from './admin/admin-door.ts';
import { type Clock, systemClock } from './clock.ts';
import { stationEnvironment } from './environment.ts';
import type { PageServer } from './local-api/page-server.ts';
import { serveLocalApi } from './local-api/server.ts';
import { createMetering, type StationMetering } from './metering/index.ts';
import { createMetrics } from './metrics.ts';
import { createRelayClient, type RelayClient } from './relay-client/relay-client.ts';
import { createRelayRooms } from './relay-client/relay-rooms.ts';
import { VisitEngine } from './visit/engine.ts';
import { openVisitFile } from './visit/visit-file.ts';
import { WorldMonitor } from './visit/world-monitor.ts';
import { createRoomWitness } from './voice/room-events.ts';
import type { VoiceRooms } from './voice/rooms.ts';
import { withWarmRoom } from './voice/warm-rooms.ts';

type Environment = z.infer<typeof stationEnvironment>;
type Context = ChildContext<Environment>;

const AGENT_HEALTH_TIMEOUT_MS = 2_500;

async function start({ env, log }: Context): Promise<() => Promise<void>> {
  const clock = systemClock();
  const stationDir = join(env.MINDBOT_DATA_DIR, 'station');
  const metering = await createMetering({
    storeDir: stationDir,
    macKey: env.STORE_MAC_KEY,
    supabase: { url: env.SUPABASE_URL, anonKey: env.SUPABASE_ANON_KEY, account: env.KIOSK_ACCOUNT },
    clock,
    log,
  });
  const atRelay = { baseUrl: env.RELAY_URL, kioskJwt: () => metering.door.kioskJwt() };
  const relay = createRelayClient(atRelay);
  const livekit = livekitKeys(env);
  const roomService = livekit ? createLivekitRooms(livekit) : createRelayRooms(atRelay);
  const rooms = withWarmRoom(roomService, { clock, newId: randomUUID, log });
  const monitor = watchWorld(env, clock, metering, relay, rooms);
  const visit = new VisitEngine({
    clock,
    newId: randomUUID,
    metering,
    relay,
    rooms,
    file: openVisitFile(stationDir, () => clock.wallMs()),
    demoSpeech: env.EMBEDDED_PARTS.has('speech'),
    world: () => monitor.world(),
    log,
  });
  monitor.onChange(() => visit.worldChanged());
  metering.onEvent(({ type }) => {
    if (type === 'database') monitor.tell();
  });
  const metrics = createMetrics({
    snapshot: () => visit.snapshot(),
    backlogRows: () => metering.backlogRows,
    quarantinedEpochs: () => metering.quarantinedEpochs,
    parkedRows: () => metering.parkedRows,
    databaseReachable: () => metering.databaseReachable,
  });
  const witness =
    livekit &&
    createRoomWitness(livekit, (roomName, loss) => {
      log.info({ loss }, 'LiveKit reports a loss');
      visit.roomLost(roomName);
    });
  const api = await serveLocalApi({
    port: env.PORT,
    pageDir: env.PAGE_DIR,
    pageServer: pageServerOf(env),
    usedNoncesFile: join(stationDir, 'used-nonces'),
    launchSecret: env.LAUNCH_SECRET,
    livekitUrl: env.LIVEKIT_URL,
    payPageOrigin: env.PAY_PAGE_ORIGIN,
    doors: { visit, talk: visit, admin: createAdminDoor(env.SUPABASE_URL, env.SUPABASE_ANON_KEY) },
    clock,
    log,
    health: () =>
      healthReport('station', env.MINDBOT_INSTANCE_ID, { ...metering.health(), ...monitor.health() }),
    metrics: () => metrics.metrics(),
    roomEvent: async (body, authorization) => (await witness?.receive(body, authorization)) ?? false,
  });
  monitor.start();
  return async () => {
    monitor.stop();
    visit.stop();
    await api.close();
    await metering.stop();
  };
}

function pageServerOf(env: Context['env']): PageServer | undefined {
  const { PAGE_SERVER: url, PAGE_NONCE: nonce } = env;
  if (!url || !nonce) return undefined;
  if (env.ENVIRONMENT === 'production')
    throw new Error('Pages from a page server (npm run dev) are refused when ENVIRONMENT=production.');
  return { url: url.replace(/\/$/, ''), nonce };
}

/** What it takes to make rooms here; null at a kiosk of a fleet, which holds no LiveKit secret. */
function livekitKeys(env: Environment): LivekitKeys | null {
  const { LIVEKIT_URL: url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret } = env;
  return apiKey && apiSecret ? { url, apiKey, apiSecret } : null;
}

function watchWorld(
  env: Context['env'],
  clock: Clock,
  metering: StationMetering,
  relay: RelayClient,
  rooms: VoiceRooms,
): WorldMonitor {
  const probes = {
    databaseReachable: () => metering.databaseReachable,
    keptSeconds: () => metering.keptSeconds,
    relayHealth: () => relay.health(),
    livekitReachable: () => rooms.reachable(),
    // An agent elsewhere is known by the first sound of a talk: without it nothing is charged.
    agentHealth: async () => (env.AGENT_HEALTH_URL ? agentChecks(env.AGENT_HEALTH_URL) : {}),
    packages: async () => {
      const packages = await metering.door.listPackages();
      return packages.ok ? packages.value : null;
    },
  };
  const demo = { payments: env.EMBEDDED_PARTS.has('payments'), assistant: env.EMBEDDED_PARTS.has('speech') };
  const offer = {
    hereOffered: env.PAY_PAGE_ORIGIN !== null,
    sellsWithoutVoice: env.SELL_WITHOUT_VOICE === 'on',
  };
  return new WorldMonitor(probes, clock, { stationInstance: env.MINDBOT_INSTANCE_ID, demo }, offer);
}

async function agentChecks(url: string): Promise<Record<string, string>> {
  const response = await fetch(url, { signal: AbortSignal.timeout(AGENT_HEALTH_TIMEOUT_MS) });
  return healthReportSchema.parse(await response.json()).checks;
}

runChild({ name: 'station', logFile: 'station.log', environment: stationEnvironment, start });
