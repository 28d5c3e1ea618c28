/** rooms/…: the rooms of talks, for kiosks that hold no LiveKit secret (src-shared/rooms-api.ts). */
import { z } from 'zod';
import { forKiosk } from '../../../src-relay/accounts/rooms.ts';
import { kioskOf } from '../../../src-relay/model/callers.ts';
import { readEnvironment } from '../../../src-runtime/environment.ts';
import { createLivekitRooms } from '../../../src-runtime/livekit-rooms.ts';
import { jobMetadataSchema } from '../../../src-shared/agent-link.ts';
import { closeLegsSchema } from '../../../src-shared/rooms-api.ts';
import { parts } from '../_shared/parts.ts';
import { bodyAs, serveFunction } from '../_shared/serve.ts';

const livekitEnvironment = z.object({
  LIVEKIT_URL: z.string().regex(/^wss?:\/\//, 'must begin with ws:// or wss://'),
  LIVEKIT_API_KEY: z.string().min(1),
  LIVEKIT_API_SECRET: z.string().min(1),
});
const env = readEnvironment(livekitEnvironment, Deno.env.toObject());
const rooms = createLivekitRooms({
  url: env.LIVEKIT_URL,
  apiKey: env.LIVEKIT_API_KEY,
  apiSecret: env.LIVEKIT_API_SECRET,
});

serveFunction('rooms', '/rooms', {
  'POST /rooms/legs': (call) => {
    const metadata = bodyAs(jobMetadataSchema, call);
    return forKiosk(parts, kioskOf(call.credentials), () => rooms.startLeg(metadata));
  },
  'GET /rooms/legs/:name': ({ credentials, params }) =>
    forKiosk(parts, kioskOf(credentials), async () => ({
      attended: await rooms.isAttended(params['name'] ?? ''),
    })),
  'POST /rooms/close': (call) => {
    const { talkId, legs } = bodyAs(closeLegsSchema, call);
    return forKiosk(parts, kioskOf(call.credentials), async () => {
      await rooms.closeLegs(talkId, legs);
      return {};
    });
  },
  'GET /rooms/health': ({ credentials }) =>
    forKiosk(parts, kioskOf(credentials), async () => ({ reachable: await rooms.reachable() })),
});
