import { TokenVerifier } from 'livekit-server-sdk';
import { expect, it } from 'vitest';
import { pageToken } from './livekit-rooms.ts';

it('the page’s token opens one room, as the customer, for ten minutes', async () => {
  const token = await pageToken('talk-1-1', 'key', 'secret-of-at-least-thirty-two-letters');
  const claims = await new TokenVerifier('key', 'secret-of-at-least-thirty-two-letters').verify(token);
  expect(claims.sub).toBe('customer');
  expect(claims.video).toEqual({
    room: 'talk-1-1',
    roomJoin: true,
    canPublish: true,
    canPublishSources: ['microphone'],
    canSubscribe: true,
    canPublishData: true,
  });
  const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  expect(payload.exp - (payload.nbf ?? payload.iat)).toBe(600);
});
