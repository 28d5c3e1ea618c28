/** A short webhook campaign; the long one is `npm run webhooks-campaign -- --deliveries 100000`. */
import { expect, it } from 'vitest';
import { runCampaign } from '../../webhooks-campaign/campaign.ts';

it('fulfils each payment once, and nothing forged, whatever comes twice, late, out of order or never', async () => {
  const result = await runCampaign({ deliveries: 300, seed: 7, say: () => undefined });
  expect(result.violations).toEqual([]);
  expect(result.fulfilledOnce).toBe(result.payments);
  expect(result.payments).toBeGreaterThan(5);
  expect(result.forgedSent).toBe(60);
  expect(result.forgedAccepted).toBe(0);
  expect(result.relayKills).toBeGreaterThan(0);
}, 180_000);
