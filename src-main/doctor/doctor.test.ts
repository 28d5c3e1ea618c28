import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { healthReport } from '../../src-runtime/health.ts';
import { portsFrom } from '../../src-shared/ports.ts';
import { projectDir } from '../paths.ts';
import { embeddedParts } from '../settings/parts.ts';
import { readSettings } from '../settings/settings.ts';
import type { Check, DoctorContext, Finding } from './check.ts';
import { checkAssistant } from './checks/assistant.ts';
import { checkClock } from './checks/clock.ts';
import { checkDataDirectory } from './checks/data-directory.ts';
import { checkLedger } from './checks/ledger.ts';
import { checkLivekit } from './checks/livekit.ts';
import { checkLivekitServer } from './checks/livekit-server.ts';
import { checkPorts } from './checks/ports.ts';
import { checkRunningStation } from './checks/running-station.ts';
import { checkSettings } from './checks/settings.ts';
import { checkSigningKeys } from './checks/signing-keys.ts';
import { soundFindings } from './checks/sound.ts';
import { checkStripe } from './checks/stripe.ts';
import { checkSupabase } from './checks/supabase.ts';
import { checkUsageLog } from './checks/usage-log.ts';
import { examine, findingsText } from './doctor.ts';

let dir = '';
const servers: Server[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mindbot-doctor-'));
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) server.close();
  rmSync(dir, { recursive: true, force: true });
});

function context(env: Record<string, string> = {}, change: Partial<DoctorContext> = {}): DoctorContext {
  const settings = readSettings(env);
  return {
    settings,
    settingProblems: [],
    parts: embeddedParts(settings),
    dataDir: dir,
    projectDir: dir,
    ports: portsFrom(9000),
    stationPid: null,
    env,
    ...change,
  };
}

const levels = async (check: Check, given: DoctorContext) =>
  (await check(given)).map((finding) => finding.level);

/** Answers every request by its address; gives what was asked, with the authorization it carried. */
function answering(answer: (path: string) => { status: number; body?: unknown }): string[] {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init);
    asked.push(`${request.method} ${request.url} ${request.headers.get('authorization') ?? ''}`.trim());
    const { status, body } = answer(new URL(request.url).pathname);
    return Response.json(body ?? {}, { status });
  });
  return asked;
}

function unreachable(): void {
  vi.stubGlobal('fetch', async () => {
    throw new TypeError('fetch failed', { cause: new Error('getaddrinfo ENOTFOUND') });
  });
}

async function serve(body: object): Promise<number> {
  const server = createServer((_request, response) => response.end(JSON.stringify(body)));
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

describe('the doctor', () => {
  it('draws each finding as one line with what to do below, and counts them', () => {
    const findings: Finding[] = [
      { name: 'Node', level: 'ok', text: 'v24' },
      { name: 'Disk', level: 'fail', text: 'full', remedy: 'make room' },
    ];
    expect(findingsText(findings).split('\n')).toEqual([
      'ok    Node            v24',
      'fail  Disk            full',
      '                      → make room',
      '1 ok, 0 to know, 1 to mend',
    ]);
  });

  it('goes on when a check breaks, and counts that as a failure', async () => {
    const broken: Check = () => {
      throw new Error('it broke');
    };
    const found = await examine(context(), [broken, () => [{ name: 'Next', level: 'ok', text: 'fine' }]]);
    expect(found.map(({ level, text }) => [level, text])).toEqual([
      ['fail', 'it broke'],
      ['ok', 'fine'],
    ]);
  });

  it('asks nobody and says "embedded" when no key is set', async () => {
    const asked = answering(() => ({ status: 500 }));
    const checks = [checkSupabase, checkStripe, checkLivekit, checkAssistant];
    const found = await examine(context(), checks);
    expect(found.every(({ level, text }) => level === 'ok' && text.startsWith('embedded'))).toBe(true);
    expect(found).toHaveLength(5);
    expect(asked).toEqual([]);
  });
});

describe('this machine', () => {
  it('names all problems of the settings at once', async () => {
    const wrong = context({}, { settings: undefined, settingProblems: ['A is missing', 'B is missing'] });
    expect(await levels(checkSettings, wrong)).toEqual(['fail', 'fail']);
    expect(await levels(checkSettings, context())).toEqual(['ok']);
  });

  it('has a data directory that is private and can be made', async () => {
    expect(await levels(checkDataDirectory, context({}, { dataDir: join(dir, 'not', 'yet') }))).not.toContain(
      'fail',
    );
    mkdirSync(join(dir, 'secrets'), { mode: 0o700 });
    expect(await levels(checkDataDirectory, context())).not.toContain('fail');
    chmodSync(join(dir, 'secrets'), 0o755);
    expect(await levels(checkDataDirectory, context())).toContain('fail');
  });

  it('has a clock that is not before its own files', async () => {
    writeFileSync(join(dir, 'package.json'), '{}');
    expect(await levels(checkClock, context())).toEqual(['ok']);
    const tomorrow = Date.now() / 1000 + 86_400;
    utimesSync(join(dir, 'package.json'), tomorrow, tomorrow);
    expect(await levels(checkClock, context())).toEqual(['fail']);
  });

  it('has its ports free, or held by its own station', async () => {
    const ports = { ...portsFrom(9000), relay: await serve({}) };
    const only = { ...Object.fromEntries(Object.keys(ports).map((name) => [name, 0])), relay: ports.relay };
    const taken = context({}, { ports: only as typeof ports });
    expect(await checkPorts(taken)).toMatchObject([
      { level: 'fail', text: expect.stringContaining('(relay)') },
    ]);
    expect(await levels(checkPorts, { ...taken, stationPid: 1 })).toEqual(['ok']);
  });

  it('has livekit-server, or Go to make it, or a LiveKit elsewhere', async () => {
    vi.stubEnv('XDG_CACHE_HOME', dir);
    vi.stubEnv('PATH', dir);
    expect(await levels(checkLivekitServer, context())).toEqual(['fail']);
    writeFileSync(join(dir, 'go'), '');
    expect(await levels(checkLivekitServer, context())).toEqual(['warn']);
    writeFileSync(join(dir, 'livekit-server'), '');
    expect(await levels(checkLivekitServer, context())).toEqual(['ok']);
    const own = { LIVEKIT_URL: 'wss://l', LIVEKIT_API_KEY: 'k', LIVEKIT_API_SECRET: 's' };
    expect(await checkLivekitServer(context(own))).toEqual([]);
  });

  it('tells a microphone from a speaker, and says plainly when there is none', () => {
    const list =
      '00-00: ALC257 Analog : ALC257 Analog : playback 1 : capture 1\n00-03: HDMI 0 : HDMI 0 : playback 1\n';
    expect(soundFindings(list).map(({ level, text }) => [level, text])).toEqual([
      ['ok', 'ALC257 Analog'],
      ['ok', 'ALC257 Analog, HDMI 0'],
    ]);
    expect(soundFindings('').map(({ level }) => level)).toEqual(['warn', 'warn']);
  });
});

describe('the services', () => {
  const stripe = { STRIPE_SECRET_KEY: 'sk_test_abc', STRIPE_WEBHOOK_SECRET: 'whsec_1' };

  it.each([
    [200, 'ok'],
    [403, 'warn'],
    [401, 'fail'],
  ])('Stripe answers %i: %s; the key is never shown', async (status, level) => {
    const asked = answering(() => ({ status }));
    const found = await checkStripe(context(stripe));
    expect(found).toMatchObject([{ level }]);
    expect(asked).toEqual(['GET https://api.stripe.com/v1/balance Bearer sk_test_abc']);
    expect(JSON.stringify(found)).not.toContain('sk_test_abc');
  });

  it('that can’t be reached fail with the reason', async () => {
    unreachable();
    const own = { ...stripe, OPENAI_API_KEY: 'o', DEEPGRAM_API_KEY: 'd' };
    for (const finding of await examine(context(own), [checkStripe, checkAssistant])) {
      expect(finding).toMatchObject({ level: 'fail', text: expect.stringContaining('ENOTFOUND') });
    }
  });

  it('OpenAI and Deepgram: keys accepted, refused, model missing', async () => {
    const own = { OPENAI_API_KEY: 'o', DEEPGRAM_API_KEY: 'd' };
    const models = { data: [{ id: 'gpt-6-luna' }, { id: 'gpt-4o-mini-tts' }] };
    const asked = answering(() => ({ status: 200, body: models }));
    expect(await levels(checkAssistant, context(own))).toEqual(['ok', 'ok']);
    expect(asked.sort()).toEqual([
      'GET https://api.deepgram.com/v1/projects Token d',
      'GET https://api.openai.com/v1/models Bearer o',
    ]);
    answering(() => ({ status: 200, body: { data: [] } }));
    expect(await levels(checkAssistant, context(own))).toEqual(['warn', 'ok']);
    answering(() => ({ status: 401 }));
    expect(await levels(checkAssistant, context(own))).toEqual(['fail', 'fail']);
  });

  it.each([
    [59, 'string', 'warn'],
    [59, 'number', 'warn'],
    [61, 'string', undefined],
    [-1, 'string', 'fail'],
  ] as const)('OpenAI: a model that ends in %i days (given as %s): %s', async (days, form, level) => {
    const endsAtMs = Date.now() + days * 24 * 60 * 60 * 1_000;
    const shutdown_date = form === 'number' ? Math.round(endsAtMs / 1_000) : new Date(endsAtMs).toISOString();
    const data = [
      { id: 'gpt-6-luna', shutdown_date: null },
      { id: 'gpt-4o-mini-tts', shutdown_date },
    ];
    answering(() => ({ status: 200, body: { data } }));
    const [first, ...others] = await checkAssistant(context({ OPENAI_API_KEY: 'o' }));
    expect(first?.level).toBe('ok');
    const found = others.filter(({ name }) => name === 'OpenAI');
    expect(found.map((finding) => finding.level)).toEqual(level ? [level] : []);
    if (level)
      expect(found[0]).toMatchObject({
        text: expect.stringContaining('gpt-4o-mini-tts'),
        remedy: expect.stringContaining('OPENAI_TTS_MODEL'),
      });
  });

  it('each provider of the lists is asked under its own address and key', async () => {
    const asked = answering(() => ({ status: 200, body: { data: [{ id: 'qwen3:8b' }, { id: 'piper' }] } }));
    const found = await checkAssistant(
      context({
        DEEPGRAM_API_KEY: 'd',
        MIND_PROVIDERS: JSON.stringify([
          { kind: 'openai', baseUrl: 'http://127.0.0.1:11434/v1', model: 'qwen3:8b' },
        ]),
        VOICE_PROVIDERS: JSON.stringify([
          { kind: 'openai', baseUrl: 'http://127.0.0.1:9000/v1', apiKey: 'p', model: 'tts-9', voice: 'v' },
          { kind: 'deepgram', apiKey: 'e' },
        ]),
      }),
    );
    expect(asked.sort()).toEqual([
      'GET http://127.0.0.1:11434/v1/models Bearer none',
      'GET http://127.0.0.1:9000/v1/models Bearer p',
      'GET https://api.deepgram.com/v1/projects Token d',
      'GET https://api.deepgram.com/v1/projects Token e',
    ]);
    expect(found.map(({ name, level }) => [name, level])).toEqual([
      ['127.0.0.1:11434', 'ok'],
      ['127.0.0.1:9000', 'warn'],
      ['Deepgram', 'ok'],
      ['Deepgram', 'ok'],
    ]);
    expect(found[1]).toMatchObject({ remedy: expect.stringContaining('VOICE_PROVIDERS') });
  });

  it('Supabase: packages there, missing, keys refused', async () => {
    const own = { SUPABASE_URL: 'https://a.co', SUPABASE_ANON_KEY: 'a', SUPABASE_SERVICE_ROLE_KEY: 's' };
    const project = (list: { status: number; body?: unknown }, users = 200) =>
      answering((path) => {
        if (path.includes('/rpc/list_packages')) return list;
        return path.includes('/admin/users') ? { status: users, body: { users: [] } } : { status: 200 };
      });
    project({ status: 200, body: [{ id: 'starter' }] });
    expect(await levels(checkSupabase, context(own))).toEqual(['ok', 'ok']);
    project({ status: 200, body: [] });
    expect(await levels(checkSupabase, context(own))).toEqual(['fail', 'ok']);
    project({ status: 404, body: { code: 'PGRST202', message: 'no such function' } });
    expect(await levels(checkSupabase, context(own))).toEqual(['fail', 'ok']);
    project({ status: 200, body: [{ id: 'starter' }] }, 401);
    expect(await levels(checkSupabase, context(own))).toEqual(['ok', 'fail']);
  });

  it('Supabase: sign-ins can be checked, or the way to mend it is told', async () => {
    const own = { SUPABASE_URL: 'https://a.co', SUPABASE_ANON_KEY: 'a', SUPABASE_SERVICE_ROLE_KEY: 's' };
    const asked = answering(() => ({ status: 200, body: { keys: [{ kty: 'EC', alg: 'ES256' }] } }));
    expect(await levels(checkSigningKeys, context(own))).toEqual(['ok']);
    expect(asked).toEqual(['GET https://a.co/auth/v1/.well-known/jwks.json']);
    answering(() => ({ status: 200, body: { keys: [] } }));
    expect(await checkSigningKeys(context(own))).toMatchObject([
      {
        level: 'fail',
        text: expect.stringContaining('no kiosk’s sign-in can be checked'),
        remedy: expect.stringMatching(/JWT Keys.*add-new-auth-keys\.sh/),
      },
    ]);
    unreachable();
    expect(await levels(checkSigningKeys, context(own))).toEqual(['warn']);
    expect(await checkSigningKeys(context())).toEqual([]);
  });

  it('LiveKit: key accepted, refused', async () => {
    const own = { LIVEKIT_URL: 'wss://l.example', LIVEKIT_API_KEY: 'k', LIVEKIT_API_SECRET: 's'.repeat(32) };
    answering(() => ({ status: 200, body: { rooms: [] } }));
    expect(await levels(checkLivekit, context(own))).toEqual(['ok']);
    answering(() => ({ status: 401, body: { code: 'unauthenticated', msg: 'invalid token' } }));
    expect(await checkLivekit(context(own))).toMatchObject([
      { level: 'fail', text: expect.stringContaining('refused') },
    ]);
  });
});

describe('the books', () => {
  const own = { SUPABASE_URL: 'https://a.co', SUPABASE_ANON_KEY: 'a', SUPABASE_SERVICE_ROLE_KEY: 's' };

  it('are right, wrong, or out of reach', async () => {
    const asked = answering(() => ({ status: 200, body: [] }));
    expect(await levels(checkLedger, context(own))).toEqual(['ok']);
    expect(asked).toEqual(['POST https://a.co/rest/v1/rpc/verify_ledger Bearer s']);
    const wrong = ['a', 'b', 'c', 'd'].map((subject) => ({
      problem: 'card_sum_differs',
      subject,
      details: {},
    }));
    answering(() => ({ status: 200, body: wrong }));
    expect(await checkLedger(context(own))).toMatchObject([
      {
        level: 'fail',
        text: 'card_sum_differs a, card_sum_differs b, card_sum_differs c and 1 more',
        remedy: expect.stringContaining('verify_ledger()'),
      },
    ]);
    unreachable();
    expect(await levels(checkLedger, context(own))).toEqual(['warn']);
  });

  it('of the embedded database are asked only while its station runs', async () => {
    const asked = answering(() => ({ status: 200, body: [] }));
    expect(await checkLedger(context())).toEqual([]);
    expect(asked).toEqual([]);
    expect(await levels(checkLedger, context({}, { stationPid: 42 }))).toEqual(['ok']);
    expect(asked).toEqual([
      expect.stringContaining('POST http://127.0.0.1:9020/rest/v1/rpc/verify_ledger Bearer '),
    ]);
  });
});

describe('a running station', () => {
  it('is not asked when there is none', async () => {
    expect(await checkRunningStation(context())).toMatchObject([{ text: 'not running' }]);
  });

  it('is drawn process by process: well, waiting, a stranger, silent', async () => {
    const ports = {
      ...portsFrom(9000),
      relay: await serve(healthReport('relay', 'i')),
      station: await serve(healthReport('station', 'i', { database: 'waits for it' })),
      agentHealth: await serve({ hello: 'I am somebody else' }),
    };
    const own = {
      ...embeddedParts(readSettings({})),
      supabase: false,
      stripe: false,
      openai: false,
      deepgram: false,
    };
    const found = await checkRunningStation(context({}, { ports, stationPid: 42, parts: own }));
    expect(found.map(({ name, level }) => [name.trim(), level])).toEqual([
      ['Station', 'ok'],
      ['relay', 'ok'],
      ['station', 'warn'],
      ['agent', 'fail'],
    ]);
    expect(found[2]?.text).toBe('database: waits for it');
  });
});

describe('the usage log', () => {
  it('may be missing before the first talk, and is named when it can’t be read', async () => {
    expect(await checkUsageLog(context())).toMatchObject([{ level: 'ok', text: 'none yet' }]);
    mkdirSync(join(dir, 'station'), { recursive: true });
    writeFileSync(join(dir, 'station', 'usage.sqlite'), 'no database at all');
    const [finding] = await checkUsageLog(context({}, { projectDir: projectDir() }));
    expect(finding?.level).toBe('fail');
    expect(finding?.text).toContain("can't be read");
    expect(finding?.remedy).toContain('next start');
  });
});
