import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectDir } from '../paths.ts';
import { embeddedParts, ttsProvider } from './parts.ts';
import { environmentSchema } from './schema.ts';
import { readSettings, SettingsError } from './settings.ts';

function problemsOf(source: Record<string, string>): readonly string[] {
  try {
    readSettings(source);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

describe('settings', () => {
  it('need nothing: everything unset is embedded', () => {
    const settings = readSettings({});
    expect(embeddedParts(settings)).toEqual({
      supabase: true,
      livekit: true,
      stripe: true,
      openai: true,
      deepgram: true,
    });
    expect(settings.LOG_LEVEL).toBe('info');
  });

  it('take an empty value in .env as not set', () => {
    expect(embeddedParts(readSettings({ OPENAI_API_KEY: '  ', SUPABASE_URL: '' })).openai).toBe(true);
  });

  it.each([
    [{}, 'openai'],
    [{ OPENAI_API_KEY: 'o' }, 'openai'],
    [{ DEEPGRAM_API_KEY: 'd' }, 'deepgram'],
    [{ OPENAI_API_KEY: 'o', DEEPGRAM_API_KEY: 'd' }, 'deepgram'],
    [{ OPENAI_API_KEY: 'o', DEEPGRAM_API_KEY: 'd', OPENAI_TTS_VOICE: 'nova' }, 'openai'],
    [{ OPENAI_API_KEY: 'o', DEEPGRAM_API_KEY: 'd', OPENAI_TTS_MODEL: 'kokoro' }, 'openai'],
  ])('%o: %s speaks', (source, provider) => {
    const settings = readSettings(source);
    expect(ttsProvider(settings, embeddedParts(settings))).toBe(provider);
  });

  it('list all that is wrong at once, each with a remedy', () => {
    const problems = problemsOf({
      LOG_LEVEL: 'loud',
      SUPABASE_URL: 'not an address',
      STRIPE_SECRET_KEY: 'pk_live_1',
      LIVEKIT_URL: 'http://x',
      PROMETHEUS_PORT: '99999',
    });
    for (const name of [
      'LOG_LEVEL',
      'SUPABASE_URL is not an address',
      'SUPABASE_ANON_KEY is missing',
      'SUPABASE_SERVICE_ROLE_KEY is missing',
      'STRIPE_SECRET_KEY must begin with',
      'STRIPE_WEBHOOK_SECRET is missing',
      'LIVEKIT_URL must begin with ws',
      'LIVEKIT_API_KEY is missing',
      'PROMETHEUS_PORT is not a port',
    ]) {
      expect(problems.filter((problem) => problem.startsWith(name))).toHaveLength(1);
    }
  });

  it('take a card typed here only with both keys of one mode, a relay here, and HTTPS when it is real money', () => {
    const stripe = (mode: string) => ({
      STRIPE_SECRET_KEY: `sk_${mode}_1`,
      STRIPE_WEBHOOK_SECRET: 'whsec_1',
    });
    const live = { ...stripe('live'), STRIPE_PUBLISHABLE_KEY: 'pk_live_1', PAY_HERE: 'on' };
    expect(problemsOf({ PAY_HERE: 'on' })).toEqual([]);
    expect(problemsOf({ PAY_HERE: '' })).toEqual([]);
    expect(problemsOf({ ...stripe('test'), STRIPE_PUBLISHABLE_KEY: 'pk_test_1', PAY_HERE: 'on' })).toEqual(
      [],
    );
    expect(problemsOf({ ...live, RELAY_PUBLIC_URL: 'https://pay.example' })).toEqual([]);
    for (const [source, problem] of [
      [live, 'RELAY_PUBLIC_URL must begin with https://'],
      [{ ...stripe('test'), PAY_HERE: 'on' }, 'STRIPE_PUBLISHABLE_KEY is missing, but PAY_HERE=on'],
      [
        { ...stripe('live'), STRIPE_PUBLISHABLE_KEY: 'pk_test_1' },
        'STRIPE_PUBLISHABLE_KEY is a test key, but',
      ],
      [
        { ...stripe('test'), STRIPE_PUBLISHABLE_KEY: 'pk_live_1' },
        'STRIPE_PUBLISHABLE_KEY is a live key, but',
      ],
      [{ ...stripe('test'), STRIPE_PUBLISHABLE_KEY: 'sk_test_1' }, 'STRIPE_PUBLISHABLE_KEY must begin with'],
      [{ STRIPE_PUBLISHABLE_KEY: 'pk_test_1' }, 'STRIPE_SECRET_KEY is missing, but STRIPE_PUBLISHABLE_KEY'],
      [
        {
          PAY_HERE: 'on',
          RELAY_URL: 'https://relay.example',
          SUPABASE_URL: 'https://x.example',
          SUPABASE_ANON_KEY: 'a',
        },
        'PAY_HERE=on is for a desktop',
      ],
      [{ PAY_HERE: 'yes' }, 'PAY_HERE must be on or off'],
    ] as const) {
      const problems = problemsOf(source);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain(problem);
    }
  });

  it('refuse embedded payments and speech in production, and a claim page that no phone reaches', () => {
    expect(problemsOf({ ENVIRONMENT: 'production' })).toMatchObject([
      expect.stringMatching('^STRIPE_SECRET_KEY is missing'),
      expect.stringMatching('^OPENAI_API_KEY is missing'),
      expect.stringMatching('^DEEPGRAM_API_KEY is missing'),
      expect.stringMatching('^RELAY_PUBLIC_URL is missing'),
    ]);
    const own = {
      ENVIRONMENT: 'production',
      STRIPE_SECRET_KEY: 'sk_live_1',
      STRIPE_WEBHOOK_SECRET: 'whsec_1',
      OPENAI_API_KEY: 'o',
      DEEPGRAM_API_KEY: 'd',
    };
    expect(problemsOf({ ...own, RELAY_PUBLIC_URL: 'https://pay.example' })).toEqual([]);
    for (const [address, problem] of [
      ['http://pay.example', 'must begin with https://'],
      ['http://127.0.0.1:8003', 'is an address of this machine alone'],
      ['https://localhost/', 'is an address of this machine alone'],
      ['htp://pay.example', 'is not an address'],
    ] as const) {
      expect(problemsOf({ ...own, RELAY_PUBLIC_URL: address })).toMatchObject([
        expect.stringMatching(`^RELAY_PUBLIC_URL ${problem}`),
      ]);
    }
  });

  it('ask an agent alone for nothing of payments or the database, also in production', () => {
    const settings = readSettings({ ENVIRONMENT: 'production', SUPABASE_URL: 'https://a.example' }, 'agent');
    expect(settings.ENVIRONMENT).toBe('production');
    expect(() => readSettings({ LIVEKIT_URL: 'wss://l' }, 'agent')).toThrow(/LIVEKIT_API_KEY is missing/);
  });

  it('name what is no address of the web, and a name that is spelt wrong', () => {
    expect(problemsOf({ OPENAI_BASE_URL: 'htp://x' })).toMatchObject([
      expect.stringMatching('^OPENAI_BASE_URL is not an address; it begins with https://'),
    ]);
    expect(problemsOf({ SUPABASE_URL: 'htp://x' })).toContainEqual(
      expect.stringMatching('^SUPABASE_URL is not an address'),
    );
    expect(problemsOf({ STRIPE_SECERT_KEY: 'x' })).toEqual([
      'STRIPE_SECERT_KEY is not a setting: did you mean STRIPE_SECRET_KEY?',
    ]);
  });

  it('ask a kiosk of a fleet for no secret of the relay, and refuse one', () => {
    const kiosk = {
      ENVIRONMENT: 'production',
      RELAY_URL: 'https://abc.supabase.co/functions/v1',
      SUPABASE_URL: 'https://abc.supabase.co',
      SUPABASE_ANON_KEY: 'anon',
      OPENAI_API_KEY: 'openai',
      DEEPGRAM_API_KEY: 'deepgram',
    };
    expect(problemsOf(kiosk)).toEqual([]);
    expect(embeddedParts(readSettings(kiosk))).toMatchObject({ supabase: false, stripe: false });
    for (const name of ['SUPABASE_SERVICE_ROLE_KEY', 'STRIPE_SECRET_KEY', 'CODE_KEYS']) {
      expect(problemsOf({ ...kiosk, [name]: 'sk_test_1' })).toMatchObject([
        expect.stringMatching(`^${name} must not be on a kiosk`),
      ]);
    }
    expect(problemsOf({ RELAY_URL: 'https://pay.example' })).toMatchObject([
      expect.stringMatching('^SUPABASE_URL is missing'),
    ]);
  });

  it('ask a kiosk whose rooms come from the functions for no key of LiveKit or of speech', () => {
    const kiosk = {
      ENVIRONMENT: 'production',
      RELAY_URL: 'https://abc.supabase.co/functions/v1',
      SUPABASE_URL: 'https://abc.supabase.co',
      SUPABASE_ANON_KEY: 'anon',
      LIVEKIT_URL: 'wss://abc.livekit.cloud',
    };
    expect(problemsOf(kiosk)).toEqual([]);
    expect(Object.values(embeddedParts(readSettings(kiosk)))).not.toContain(true);
    expect(problemsOf({ ...kiosk, LIVEKIT_API_KEY: 'key' })).toContainEqual(
      expect.stringMatching('^LIVEKIT_API_SECRET is missing'),
    );
    // A relay of one's own gives no rooms.
    const byRelay = problemsOf({ ...kiosk, RELAY_URL: 'https://pay.example' });
    expect(byRelay).toHaveLength(4);
    expect(byRelay).toContainEqual(expect.stringMatching('^LIVEKIT_API_KEY is missing'));
  });

  it('are those of .env.example, all and no other', () => {
    const example = readFileSync(join(projectDir(), '.env.example'), 'utf8');
    const names = [...example.matchAll(/^# ([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(names.sort()).toEqual(Object.keys(environmentSchema.shape).sort());
  });

  it('never repeat a secret in the message', () => {
    expect(problemsOf({ STRIPE_SECRET_KEY: 'sk_oops_verysecret' }).join()).not.toContain('verysecret');
  });
});
