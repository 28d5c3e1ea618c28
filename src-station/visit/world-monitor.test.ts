import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../clock.test-kit.ts';
import { STARTER } from './visit.test-kit.ts';
import { WorldMonitor, type WorldProbes } from './world-monitor.ts';

let clock: ManualClock;
let probes: WorldProbes;
let monitor: WorldMonitor;
let told: number;

beforeEach(() => {
  clock = new ManualClock();
  told = 0;
  probes = {
    databaseReachable: () => true,
    keptSeconds: () => 0,
    relayHealth: async () => ({ database: 'ok', stripe: 'ok' }),
    livekitReachable: async () => true,
    agentHealth: async () => ({ livekit: 'ok' }),
    packages: async () => [STARTER],
  };
  monitor = new WorldMonitor(
    {
      databaseReachable: () => probes.databaseReachable(),
      keptSeconds: () => probes.keptSeconds(),
      relayHealth: () => probes.relayHealth(),
      livekitReachable: () => probes.livekitReachable(),
      agentHealth: () => probes.agentHealth(),
      packages: () => probes.packages(),
    },
    clock,
    { stationInstance: 'i', demo: { payments: true, assistant: true } },
    { hereOffered: false, sellsWithoutVoice: false },
  );
  monitor.onChange(() => told++);
});
afterEach(() => monitor.stop());

describe('the world monitor', () => {
  it('learns what works, and then is quiet', async () => {
    expect(monitor.world().services.talk).toEqual({ ok: false, reason: 'starting' });
    monitor.start();
    await clock.advanceAsync(0);
    expect(monitor.world()).toMatchObject({
      packages: [STARTER],
      services: { talk: { ok: true }, buy: { ok: true } },
    });
    const before = told;
    await clock.advanceAsync(30_000);
    expect(told).toBe(before);
  });

  it('tells how long one may still talk without the database, and when that is over', async () => {
    probes.databaseReachable = () => false;
    probes.keptSeconds = () => 880;
    monitor.start();
    await clock.advanceAsync(0);
    expect(monitor.world().services.talk).toEqual({ ok: true, keptSeconds: 880 });
    const before = told;
    probes.keptSeconds = () => 0;
    await clock.advanceAsync(5_000);
    expect(told).toBeGreaterThan(before);
    expect(monitor.world().services.talk).toEqual({ ok: false, reason: 'database_unreachable' });
  });

  it('sees within five seconds that Stripe is away and that it is back', async () => {
    monitor.start();
    await clock.advanceAsync(0);
    probes.relayHealth = async () => ({ database: 'ok', stripe: 'does not answer' });
    await clock.advanceAsync(5_000);
    expect(monitor.world().services.buy).toEqual({ ok: false, reason: 'payments_unreachable' });
    probes.relayHealth = async () => ({ database: 'ok', stripe: 'ok' });
    await clock.advanceAsync(5_000);
    expect(monitor.world().services.buy).toEqual({ ok: true });
  });

  it('keeps the last known prices through an outage', async () => {
    monitor.start();
    await clock.advanceAsync(0);
    probes.packages = async () => null;
    await clock.advanceAsync(300_000);
    expect(monitor.world().packages).toEqual([STARTER]);
  });

  it('is not held up for the others by one part that never answers', async () => {
    probes.relayHealth = () => new Promise(() => undefined);
    monitor.start();
    await clock.advanceAsync(0);
    expect(monitor.world().services.talk).toEqual({ ok: true });
  });

  it('tells missing providers from a missing agent', async () => {
    probes.agentHealth = async () => ({ livekit: 'ok', mind: 'api.openai.com gpt-4.1-mini: refused (404)' });
    monitor.start();
    await clock.advanceAsync(0);
    expect(monitor.world().services.talk).toEqual({ ok: false, reason: 'speech_missing' });
  });

  it('takes an assistant that can not hear for one that can be written to', async () => {
    probes.agentHealth = async () => ({ livekit: 'ok', ears: 'api.deepgram.com nova-3: refused (401)' });
    monitor.start();
    await clock.advanceAsync(0);
    expect(monitor.world().services.talk).toEqual({ ok: true });
  });
});
