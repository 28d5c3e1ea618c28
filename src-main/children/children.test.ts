import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TEST_SECRETS, testPlan } from '../plan/plan.test-kit.ts';
import { planStation } from '../plan/plan.ts';
import { readSettings } from '../settings/settings.ts';
import type { ChildSpec } from '../supervisor/child-spec.ts';
import { stationChildren } from './children.ts';

const COMMON = ['MINDBOT_INSTANCE_ID', 'MINDBOT_DATA_DIR', 'MINDBOT_LOG_DIR', 'LOG_LEVEL', 'ENVIRONMENT'];

/** What each child gets besides COMMON and the system's variables: docs/contracts.md, "Processes, ports, environment". */
const ALLOWED: Record<string, string[]> = {
  supabase: [
    'PORT',
    'DATABASE_URL_ADMIN',
    'AUTHENTICATOR_PASSWORD',
    'POSTGRES_PASSWORD',
    'SUPABASE_JWT_PRIVATE_JWK',
    'SUPABASE_ANON_KEY',
    'SUPABASE_SERVICE_ROLE_KEY',
    'SUPABASE_PUBLIC_URL',
    'MIGRATIONS_DIR',
  ],
  stripe: [
    'PORT',
    'PUBLIC_URL',
    'STRIPE_SECRET_KEY',
    'STRIPE_WEBHOOK_SECRET',
    'TERMINAL_READER',
    'WEBHOOK_URL',
  ],
  speech: ['PORT', 'SPEECH_API_KEY'],
  relay: [
    'PORT',
    'PUBLIC_URL',
    'SUPABASE_URL',
    'SUPABASE_SERVICE_ROLE_KEY',
    'STRIPE_SECRET_KEY',
    'STRIPE_WEBHOOK_SECRET',
    'STRIPE_API_BASE',
    'STRIPE_TERMINAL_READER',
    'STRIPE_PUBLISHABLE_KEY',
    'STATION_ORIGIN',
    'WEBHOOK_PAYLOAD_DAYS',
    'CODE_KEYS',
    'KIOSK_ACCOUNT',
    'ADMIN_ACCOUNT',
  ],
  station: [
    'PORT',
    'SUPABASE_URL',
    'SUPABASE_ANON_KEY',
    'RELAY_URL',
    'LIVEKIT_URL',
    'LIVEKIT_API_KEY',
    'LIVEKIT_API_SECRET',
    'AGENT_HEALTH_URL',
    'KIOSK_ACCOUNT',
    'STORE_MAC_KEY',
    'LAUNCH_SECRET',
    'PAGE_DIR',
    'SELL_WITHOUT_VOICE',
    'PAY_PAGE_ORIGIN',
    'EMBEDDED_PARTS',
  ],
  agent: [
    'HEALTH_CHECK_PORT',
    'AGENT_WORKER_PORT',
    'LIVEKIT_URL',
    'LIVEKIT_API_KEY',
    'LIVEKIT_API_SECRET',
    'EARS_PROVIDERS',
    'MIND_PROVIDERS',
    'VOICE_PROVIDERS',
    'OPENAI_API_KEY',
    'OPENAI_BASE_URL',
    'OPENAI_LLM_MODEL',
    'TTS_PROVIDER',
    'OPENAI_TTS_MODEL',
    'OPENAI_TTS_VOICE',
    'DEEPGRAM_API_KEY',
    'DEEPGRAM_BASE_URL',
    'DEEPGRAM_MODEL',
  ],
  livekit: ['LIVEKIT_CONFIG'],
};

/** Who may hold each secret: the embedded part it unlocks and its users, so that one child taken over opens no other door. */
const HOLDERS: readonly [secret: string, holders: string[]][] = [
  [TEST_SECRETS.postgres.ownerPassword, ['supabase']],
  [TEST_SECRETS.postgres.authenticatorPassword, ['supabase']],
  ['secret-jwk', ['supabase']],
  [TEST_SECRETS.supabase.serviceRoleKey, ['supabase', 'relay']],
  [TEST_SECRETS.livekit.apiSecret, ['livekit', 'station', 'agent']],
  [TEST_SECRETS.stripe.secretKey, ['stripe', 'relay']],
  [TEST_SECRETS.stripe.webhookSecret, ['stripe', 'relay']],
  [TEST_SECRETS.speechApiKey, ['speech', 'agent']],
  ['secret-code-key', ['relay']],
  [TEST_SECRETS.kiosk.password, ['relay', 'station']],
  [TEST_SECRETS.admin.password, ['relay']],
  [TEST_SECRETS.storeMacKey, ['station']],
  [TEST_SECRETS.launchSecret, ['station']],
];

const OF_THE_HOST = {
  PATH: '/usr/bin',
  LANG: 'C.UTF-8',
  STRIPE_SECRET_KEY: 'sk_live_of_the_host',
  AWS_SECRET_ACCESS_KEY: 'of_the_host',
  NODE_OPTIONS: '--inspect',
  LD_PRELOAD: '/tmp/evil.so',
};
const original = process.env;
beforeEach(() => {
  process.env = { ...OF_THE_HOST };
});
afterEach(() => {
  process.env = original;
});

function children(settings: Record<string, string> = {}, livekitBinary: string | undefined = '/bin/livekit') {
  return stationChildren({ plan: testPlan(settings), livekitBinary, pageDir: '/page' });
}

/** All but Postgres, whose command line needs its cluster made first (tests/integration/postgres/embedded-postgres). */
async function environments(specs: ChildSpec[]): Promise<Record<string, Record<string, string>>> {
  const launched = specs
    .filter((spec) => spec.name !== 'postgres')
    .map(async (spec) => [spec.name, (await spec.launch('instance-1')).env] as const);
  return Object.fromEntries(await Promise.all(launched));
}

describe('the children', () => {
  it('are these', () => {
    expect(children().map((spec) => spec.name)).toEqual([
      'postgres',
      'supabase',
      'stripe',
      'speech',
      'livekit',
      'relay',
      'station',
      'agent',
    ]);
  });

  it('of a kiosk in a fleet are without the relay, and none holds a secret of it', async () => {
    const specs = children({
      RELAY_URL: 'https://a.supabase.co/functions/v1',
      SUPABASE_URL: 'https://a.supabase.co',
      SUPABASE_ANON_KEY: 'a',
    });
    expect(specs.map((spec) => spec.name)).toEqual(['speech', 'livekit', 'station', 'agent']);
    const all = JSON.stringify(await environments(specs));
    expect(all).toContain('https://a.supabase.co/functions/v1');
    const { supabase, stripe, codeKeys } = TEST_SECRETS;
    for (const secret of [
      supabase.serviceRoleKey,
      stripe.secretKey,
      stripe.webhookSecret,
      codeKeys[0]?.secret,
    ]) {
      expect(all).not.toContain(secret);
    }
  });

  it('of a kiosk whose rooms come from the functions are the station alone, without a secret of LiveKit', async () => {
    const specs = children({
      RELAY_URL: 'https://a.supabase.co/functions/v1',
      SUPABASE_URL: 'https://a.supabase.co',
      SUPABASE_ANON_KEY: 'a',
      LIVEKIT_URL: 'wss://a.livekit.cloud',
    });
    expect(specs.map((spec) => spec.name)).toEqual(['station']);
    const { station } = await environments(specs);
    expect(station).toMatchObject({ LIVEKIT_URL: 'wss://a.livekit.cloud' });
    expect(Object.keys(station ?? {})).not.toContain('LIVEKIT_API_SECRET');
    expect(JSON.stringify(station)).not.toContain(TEST_SECRETS.livekit.apiSecret);
  });

  it('leave out what the operator brings', () => {
    const own = {
      SUPABASE_URL: 'https://a.supabase.co',
      SUPABASE_ANON_KEY: 'a',
      SUPABASE_SERVICE_ROLE_KEY: 's',
      STRIPE_SECRET_KEY: 'sk_test_1',
      STRIPE_WEBHOOK_SECRET: 'whsec_1',
      LIVEKIT_URL: 'wss://l',
      LIVEKIT_API_KEY: 'k',
      LIVEKIT_API_SECRET: 's',
      OPENAI_API_KEY: 'o',
    };
    const names = (settings: Record<string, string>) => children(settings).map((spec) => spec.name);
    expect(names(own)).toEqual(['speech', 'relay', 'station', 'agent']);
    expect(names({ ...own, DEEPGRAM_API_KEY: 'd' })).toEqual(['relay', 'station', 'agent']);
  });

  it('run without voice where there is no livekit-server', () => {
    const specs = stationChildren({ plan: testPlan(), livekitBinary: undefined, pageDir: '/page' });
    expect(specs.map((spec) => spec.name)).not.toContain('agent');
    expect(specs.map((spec) => spec.name)).not.toContain('livekit');
  });
});

describe('a demo that is open to phones', () => {
  it('has one child more, without a secret, and its address where phones are sent', async () => {
    const lan = { address: '192.168.1.17', cidr: '192.168.1.17/24' };
    const plan = planStation({
      settings: readSettings({}),
      portBase: 9000,
      secrets: TEST_SECRETS,
      dataDir: '/data',
      logDir: '/data/logs',
      lan,
    });
    const specs = stationChildren({ plan, livekitBinary: '/bin/livekit', pageDir: '/page' });
    const given = await environments(specs);
    const { lan: door, relay, stripe, station } = given;
    expect(door).toMatchObject({
      PORT: '9060',
      LAN_CIDR: lan.cidr,
      RELAY_URL: 'http://127.0.0.1:9003',
      CHECKOUT_URL: 'http://127.0.0.1:9030',
    });
    expect(Object.keys(door ?? {}).sort()).toEqual(
      [...COMMON, 'PATH', 'LANG', 'PORT', 'LAN_CIDR', 'RELAY_URL', 'CHECKOUT_URL'].sort(),
    );
    for (const [secret] of HOLDERS) expect(JSON.stringify(door)).not.toContain(secret);
    expect([relay?.['PUBLIC_URL'], stripe?.['PUBLIC_URL']]).toEqual(
      Array(2).fill('http://192.168.1.17:9060'),
    );
    // Our own processes go on talking by loopback.
    expect(station?.['RELAY_URL']).toBe('http://127.0.0.1:9003');
    expect(relay?.['STRIPE_API_BASE']).toBe('http://127.0.0.1:9030');
    expect(stripe?.['WEBHOOK_URL']).toBe('http://127.0.0.1:9003/webhooks/stripe');
  });
});

describe('the environment of a child', () => {
  it('is exactly its allow-list', async () => {
    const given = await environments(children());
    expect(Object.keys(given).sort()).toEqual(Object.keys(ALLOWED).sort());
    for (const [name, env] of Object.entries(given)) {
      const expected = [...(ALLOWED[name] ?? []), ...(name === 'livekit' ? [] : COMMON), 'PATH', 'LANG'];
      expect([name, Object.keys(env).sort()]).toEqual([name, expected.sort()]);
    }
  });

  it('holds no secret that is not its own', async () => {
    const given = await environments(children());
    for (const [secret, holders] of HOLDERS) {
      const found = Object.entries(given)
        .filter(([, env]) => JSON.stringify(env).includes(secret))
        .map(([name]) => name);
      expect([secret, found.sort()]).toEqual([secret, [...holders].sort()]);
    }
  });

  it('holds nothing of ours', async () => {
    expect(JSON.stringify(await environments(children()))).not.toMatch(/of_the_host|--inspect|evil/);
  });

  it('carries the operator’s keys to those who use them only', async () => {
    const own = { OPENAI_API_KEY: 'key-openai', DEEPGRAM_API_KEY: 'key-deepgram' };
    const given = await environments(children(own));
    const holders = (text: string) =>
      Object.keys(given).filter((name) => JSON.stringify(given[name]).includes(text));
    expect(holders('key-openai')).toEqual(['agent']);
    expect(holders('key-deepgram')).toEqual(['agent']);
    expect(given['agent']).toMatchObject({ OPENAI_BASE_URL: '', DEEPGRAM_BASE_URL: '' });
  });

  it('names the embedded parts to the station and points the others at them', async () => {
    const given = await environments(children({ OPENAI_API_KEY: 'key-openai' }));
    expect(given['station']?.['EMBEDDED_PARTS']?.split(',').sort()).toEqual([
      'database',
      'livekit',
      'payments',
      'speech',
    ]);
    expect(given['relay']?.['STRIPE_API_BASE']).toBe('http://127.0.0.1:9030');
    expect(given['stripe']?.['WEBHOOK_URL']).toBe('http://127.0.0.1:9003/webhooks/stripe');
    expect(given['agent']).toMatchObject({ OPENAI_BASE_URL: '', DEEPGRAM_BASE_URL: 'ws://127.0.0.1:9040' });
  });

  it('has no staff account of ours beside a Supabase project of the operator’s', async () => {
    const own = { SUPABASE_URL: 'https://a.co', SUPABASE_ANON_KEY: 'a', SUPABASE_SERVICE_ROLE_KEY: 's' };
    const given = await environments(children(own));
    expect(given['relay']).not.toHaveProperty('ADMIN_ACCOUNT');
    expect(given['relay']).toMatchObject({ SUPABASE_URL: 'https://a.co', SUPABASE_SERVICE_ROLE_KEY: 's' });
    expect(JSON.stringify(given['station'])).not.toContain('SERVICE_ROLE');
  });
});

describe('the program of a child', () => {
  it('is the built one where there is one, with V8’s store of compiled code beside it, else its source', async () => {
    const builtDir = mkdtempSync(join(tmpdir(), 'mindbot-built-'));
    writeFileSync(join(builtDir, 'relay.js'), '');
    const specs = stationChildren({ plan: testPlan(), livekitBinary: undefined, pageDir: '/page', builtDir });
    const launched = async (name: string) =>
      await specs.find((spec) => spec.name === name)?.launch('instance-1');
    const [relay, station] = [await launched('relay'), await launched('station')];
    rmSync(builtDir, { recursive: true });
    expect(relay?.args.at(-1)).toBe(join(builtDir, 'relay.js'));
    expect(relay?.env['NODE_COMPILE_CACHE']).toBe(join(builtDir, '.compiled'));
    expect(station?.args.at(-1)).toMatch(/src-station[/\\]main\.ts$/);
    expect(station?.env).not.toHaveProperty('NODE_COMPILE_CACHE');
  });
});

describe('the end of a child', () => {
  it('is the signal that loses nothing and keeps nobody waiting', () => {
    const ends = Object.fromEntries(
      children().map((spec) => [spec.name, [spec.stopSignal, spec.parentDeathSignal]]),
    );
    expect(ends['postgres']).toEqual(['SIGINT', 'INT']);
    expect(ends['livekit']).toEqual(['SIGTERM', 'KILL']);
    expect(ends['station']).toEqual(['SIGTERM', 'TERM']);
  });
});
