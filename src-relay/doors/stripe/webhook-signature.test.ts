import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { verifyWebhook } from './webhook-signature.ts';

const NOW_MS = Date.UTC(2026, 10, 23, 12);
const NOW = NOW_MS / 1000;
const RULES = { secrets: ['whsec_new', 'whsec_old'], livemode: false, nowMs: NOW_MS };

function delivery(options: { secret?: string; atSeconds?: number; livemode?: boolean } = {}) {
  const body = JSON.stringify({ id: 'evt_1', object: 'event', livemode: options.livemode ?? false });
  const header = Stripe.webhooks.generateTestHeaderString({
    payload: body,
    secret: options.secret ?? 'whsec_new',
    timestamp: options.atSeconds ?? NOW,
  });
  return { body: Buffer.from(body), header };
}

function verdict(options: Parameters<typeof delivery>[0] = {}) {
  const { body, header } = delivery(options);
  return verifyWebhook(body, header, RULES);
}

describe('verifyWebhook', () => {
  it('accepts each of the secrets', async () => {
    expect(await verdict()).toMatchObject({ ok: true, event: { id: 'evt_1' } });
    expect(await verdict({ secret: 'whsec_old' })).toMatchObject({ ok: true });
  });

  it('refuses a foreign secret, no header, an empty header and a changed body', async () => {
    const refused = { ok: false, reason: 'bad_signature' };
    expect(await verdict({ secret: 'whsec_forged' })).toEqual(refused);
    const { body, header } = delivery();
    expect(await verifyWebhook(body, undefined, RULES)).toEqual(refused);
    expect(await verifyWebhook(body, '', RULES)).toEqual(refused);
    expect(await verifyWebhook(Buffer.concat([body, Buffer.from(' ')]), header, RULES)).toEqual(refused);
    expect(await verifyWebhook(Buffer.alloc(0), header, RULES)).toEqual(refused);
  });

  it('accepts five minutes either way and nothing beyond', async () => {
    expect(await verdict({ atSeconds: NOW - 300 })).toMatchObject({ ok: true });
    expect(await verdict({ atSeconds: NOW - 301 })).toEqual({ ok: false, reason: 'bad_signature' });
    expect(await verdict({ atSeconds: NOW + 300 })).toMatchObject({ ok: true });
    expect(await verdict({ atSeconds: NOW + 301 })).toEqual({ ok: false, reason: 'from_the_future' });
  });

  it('refuses two time stamps in one header', async () => {
    const { body, header } = delivery({ atSeconds: NOW + 9_999 });
    expect(await verifyWebhook(body, `t=${NOW},${header}`, RULES)).toEqual({
      ok: false,
      reason: 'bad_signature',
    });
  });

  it('refuses an event of the other mode', async () => {
    expect(await verdict({ livemode: true })).toEqual({ ok: false, reason: 'wrong_mode' });
  });
});
