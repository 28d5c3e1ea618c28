import { createHash } from 'node:crypto';
import { AccessToken } from 'livekit-server-sdk';
import { expect, test } from 'vitest';
import { createRoomWitness } from './room-events.ts';

const KEYS = { apiKey: 'APItest', apiSecret: 'a secret of at least thirty-two letters' };

/** Signs a body as the LiveKit server does: a token that carries its SHA-256. */
async function signed(body: string, keys = KEYS): Promise<string> {
  const token = new AccessToken(keys.apiKey, keys.apiSecret, { ttl: 60 });
  token.sha256 = createHash('sha256').update(body).digest('base64');
  return token.toJwt();
}

function event(name: string, identity?: string): string {
  const participant = identity ? { participant: { identity } } : {};
  return JSON.stringify({ event: name, room: { name: 'talk-1-1' }, ...participant });
}

async function deliver(
  body: string,
  authorization?: string,
): Promise<{ accepted: boolean; losses: string[] }> {
  const losses: string[] = [];
  const witness = createRoomWitness(KEYS, (room, loss) => losses.push(`${room} ${loss}`));
  return { accepted: await witness.receive(body, authorization), losses };
}

test.each([
  [event('participant_left', 'agent-x'), ['talk-1-1 agent_left']],
  [event('room_finished'), ['talk-1-1 room_finished']],
  [event('participant_left', 'customer'), []],
  [event('participant_joined', 'agent-x'), []],
])('a signed event %s tells %j', async (body, losses) => {
  expect(await deliver(body, await signed(body))).toEqual({ accepted: true, losses });
});

test('an event that is unsigned, changed on its way or signed by another is refused', async () => {
  const body = event('room_finished');
  const refused = { accepted: false, losses: [] };
  expect(await deliver(body)).toEqual(refused);
  expect(await deliver(event('room_finished', 'other'), await signed(body))).toEqual(refused);
  expect(
    await deliver(body, await signed(body, { ...KEYS, apiSecret: 'another secret of thirty-two letters' })),
  ).toEqual(refused);
});
