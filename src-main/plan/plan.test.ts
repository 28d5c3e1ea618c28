import { describe, expect, it } from 'vitest';
import { testPlan } from './plan.test-kit.ts';

const OWN_SERVICES = {
  SUPABASE_URL: 'https://abc.supabase.co',
  SUPABASE_ANON_KEY: 'anon',
  SUPABASE_SERVICE_ROLE_KEY: 'service',
  LIVEKIT_URL: 'wss://abc.livekit.cloud',
  LIVEKIT_API_KEY: 'key',
  LIVEKIT_API_SECRET: 'secret',
  STRIPE_SECRET_KEY: 'sk_test_1',
  STRIPE_WEBHOOK_SECRET: 'whsec_1',
  OPENAI_API_KEY: 'openai',
  DEEPGRAM_API_KEY: 'deepgram',
};

describe('the plan', () => {
  it('embeds everything when nothing is set, all on loopback inside the range of ports', () => {
    const plan = testPlan();
    expect(Object.values(plan.parts)).toEqual([true, true, true, true, true]);
    for (const url of Object.values(plan.urls)) expect(url).toMatch(/^(http|ws):\/\/127\.0\.0\.1:90\d\d/);
    for (const port of Object.values(plan.ports)) expect(Math.floor(port / 100)).toBe(90);
    expect(new Set(Object.values(plan.ports)).size).toBe(Object.keys(plan.ports).length);
    expect(plan.keys.stripeSecret).toBe('sk_test_secret-stripe');
    expect(JSON.parse(plan.keys.codeKeys)).toEqual([{ id: 'k1', secret: 'secret-code-key' }]);
  });

  it('uses the operator’s services and keys where they are set, and none of its own', () => {
    const plan = testPlan(OWN_SERVICES);
    expect(Object.values(plan.parts)).toEqual([false, false, false, false, false]);
    expect(plan.urls).toMatchObject({
      supabase: 'https://abc.supabase.co',
      livekit: 'wss://abc.livekit.cloud',
      stripe: 'https://api.stripe.com',
      station: 'http://127.0.0.1:9010',
    });
    expect(plan.keys).toMatchObject({
      supabaseAnon: 'anon',
      supabaseServiceRole: 'service',
      livekitKey: 'key',
      livekitSecret: 'secret',
      stripeSecret: 'sk_test_1',
      stripeWebhookSecret: 'whsec_1',
    });
  });

  it('moves the ports that spec and settings name', () => {
    const plan = testPlan({ RELAY_PORT: '7003', PROMETHEUS_PORT: '7080', HEALTH_CHECK_PORT: '7090' });
    expect(plan.ports).toMatchObject({ relay: 7003, metrics: 7080, agentHealth: 7090, station: 9010 });
    expect(plan.urls).toMatchObject({
      relay: 'http://127.0.0.1:7003',
      relayPublic: 'http://127.0.0.1:7003',
      metrics: 'http://127.0.0.1:7080/metrics',
      agentHealth: 'http://127.0.0.1:7090/health',
    });
    expect(testPlan({ RELAY_PUBLIC_URL: 'https://pay.example' }).urls.relayPublic).toBe(
      'https://pay.example',
    );
  });

  it('offers no card fields unless asked to; the sandbox has a publishable key of its own', () => {
    expect(testPlan().keys.stripePublishable).toBe('');
    expect(testPlan({ PAY_HERE: 'off' }).keys.stripePublishable).toBe('');
    expect(testPlan({ PAY_HERE: 'on' }).keys.stripePublishable).toMatch(/^pk_test_[0-9a-f]{32}$/);
    const live = { STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' };
    const own = testPlan({ ...live, STRIPE_PUBLISHABLE_KEY: 'pk_test_1', PAY_HERE: 'on' });
    expect(own.keys.stripePublishable).toBe('pk_test_1');
  });

  it('leaves payments and codes to the relay of a fleet', () => {
    const plan = testPlan({
      RELAY_URL: 'https://abc.supabase.co/functions/v1',
      SUPABASE_URL: 'https://abc.supabase.co',
      SUPABASE_ANON_KEY: 'anon',
    });
    expect(plan.urls.relay).toBe('https://abc.supabase.co/functions/v1');
    expect(plan.parts).toMatchObject({ supabase: false, stripe: false });
    expect(plan.terminalReader).toBe('');
  });
});
