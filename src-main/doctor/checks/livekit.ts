/** The operator's LiveKit server: asked for its rooms with the key. */
import { RoomServiceClient } from 'livekit-server-sdk';
import { reasonOf } from '../ask.ts';
import { type Check, fail, ok } from '../check.ts';

const NAME = 'LiveKit';
const TIMEOUT_SECONDS = 5;

export const checkLivekit: Check = async ({ settings }) => {
  const { LIVEKIT_URL: url, LIVEKIT_API_KEY: key, LIVEKIT_API_SECRET: secret } = settings ?? {};
  if (!settings) return [];
  if (!url) return [ok(NAME, 'embedded')];
  if (!key || !secret) return [ok(NAME, `${url}: rooms come from the fleet’s Edge Function`)];
  const rooms = new RoomServiceClient(url.replace(/^ws/, 'http'), key, secret, {
    requestTimeout: TIMEOUT_SECONDS,
  });
  try {
    await rooms.listRooms();
    return [ok(NAME, `${url}: key accepted`)];
  } catch (error) {
    const isRefused = error instanceof Error && 'status' in error && error.status === 401;
    return [
      isRefused
        ? fail(NAME, 'LIVEKIT_API_KEY or LIVEKIT_API_SECRET was refused', 'copy both again from LiveKit')
        : fail(NAME, `${url} can't be used: ${reasonOf(error)}`, 'check LIVEKIT_URL and the network'),
    ];
  }
};
