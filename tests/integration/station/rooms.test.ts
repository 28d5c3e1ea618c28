/** The rooms of a talk on a real livekit-server: made, dispatched to the agent, entered by the page's token, deleted. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  AudioSource,
  LocalAudioTrack,
  LocalVideoTrack,
  Room,
  TrackPublishOptions,
  TrackSource,
  VideoBufferType,
  VideoFrame,
  VideoSource,
} from '@livekit/rtc-node';
import { AccessToken, AgentDispatchClient, RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { livekitConfig, probeLivekit } from '../../../src-embedded/livekit/launch.ts';
import { ensureLivekitServer } from '../../../src-main/setup/livekit-binary.ts';
import { createLivekitRooms } from '../../../src-runtime/livekit-rooms.ts';
import {
  AGENT_NAME,
  JOB_HISTORY_BYTES,
  type JobMetadata,
  jobMetadataSchema,
  roomName,
} from '../../../src-shared/agent-link.ts';
import { newestWithin } from '../../../src-shared/captions.ts';
import { CAPTION_TEXT_LIMIT } from '../../../src-shared/visit.ts';
import { createRoomWitness } from '../../../src-station/voice/room-events.ts';
import { freePort } from '../../support/processes/free-port.ts';

const apiKey = 'test';
const apiSecret = randomBytes(32).toString('hex');
let server: ChildProcess;
let port: number;
/** What the server's own signed webhooks said, and whether each was accepted. */
const told: string[] = [];
let listener: Server;

beforeAll(async () => {
  const quiet = { say: () => undefined, step: () => () => undefined };
  const binary = await ensureLivekitServer(new URL('../../../', import.meta.url).pathname, quiet);
  if (!binary) throw new Error('livekit-server is missing and could not be made; see docs');
  port = await freePort();
  listener = await listenToWebhooks();
  const address = listener.address();
  const webhookUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
  const options = { port, rtcUdpPort: await freePort(), apiKey, apiSecret, webhookUrl };
  server = spawn(binary, [], {
    env: { PATH: process.env['PATH'], LIVEKIT_CONFIG: livekitConfig(options) },
    stdio: 'ignore',
  });
  await vi.waitFor(async () => expect(await probeLivekit(options, 1_000)).toBe(true), { timeout: 20_000 });
}, 300_000);
afterAll(async () => {
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGKILL');
  await ended;
  listener.close();
});

/** Takes the server's deliveries as the station does. */
async function listenToWebhooks(): Promise<Server> {
  const witness = createRoomWitness({ apiKey, apiSecret }, (room, loss) => told.push(`${room} ${loss}`));
  const http = createServer(async (request, response) => {
    const accepted = await witness.receive(await text(request), request.headers.authorization);
    if (!accepted) told.push('refused');
    response.writeHead(accepted ? 204 : 401).end();
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return http;
}

const rooms = (secret = apiSecret) =>
  createLivekitRooms({ url: `ws://127.0.0.1:${port}`, apiKey, apiSecret: secret });
const admin = () => new RoomServiceClient(`http://127.0.0.1:${port}`, apiKey, apiSecret);

function job(leg: number, talkId: string = randomUUID()): JobMetadata {
  const history = [{ id: 'c1', who: 'customer' as const, text: 'hello', final: true }];
  const rest = {
    locale: 'en' as const,
    formerLocale: null,
    customerName: null,
    remainingSeconds: 60,
    demo: true,
    history,
  };
  return { visitId: randomUUID(), talkId, leg, ...rest };
}

describe('rooms of a talk', () => {
  it('hold a dispatch of our agent with all it needs to know', async () => {
    const metadata = job(1);
    await rooms().startLeg(metadata);
    const dispatcher = new AgentDispatchClient(`http://127.0.0.1:${port}`, apiKey, apiSecret);
    const dispatches = await dispatcher.listDispatch(roomName(metadata.talkId, 1));
    // The server adds one of its own, for agents without a name.
    const ours = dispatches.filter(({ agentName }) => agentName === AGENT_NAME);
    expect(ours.map((dispatch) => jobMetadataSchema.parse(JSON.parse(dispatch.metadata)))).toEqual([
      metadata,
    ]);
  });

  it('take a job with as many words as we put into one, and none that is much larger', async () => {
    const text = 'x'.repeat(CAPTION_TEXT_LIMIT);
    const all = Array.from(
      { length: 400 },
      (_, at) => ({ id: `${at}`, who: 'customer', text, final: true }) as const,
    );
    const full = { ...job(2), history: newestWithin(all, JOB_HISTORY_BYTES) };
    expect(full.history.length).toBeGreaterThan(50);
    await expect(rooms().startLeg(full)).resolves.toMatchObject({ name: roomName(full.talkId, 2) });
    await expect(rooms().startLeg({ ...job(2), history: all })).rejects.toThrow(/metadata/i);
  });

  it('are entered with the token of their own leg only', async () => {
    const talkId = randomUUID();
    const first = await rooms().startLeg(job(1, talkId));
    const second = await rooms().startLeg(job(2, talkId));
    expect(second.name).not.toBe(first.name);
    const page = new Room();
    await page.connect(second.url, second.token, { autoSubscribe: true, dynacast: false });
    expect(page.name).toBe(second.name);
    expect(page.localParticipant?.identity).toBe('customer');
    await page.disconnect();
  });

  it('let the page publish its microphone, and refuse every other track', async () => {
    const { name, url, token } = await rooms().startLeg(job(1));
    const page = new Room();
    await page.connect(url, token, { autoSubscribe: true, dynacast: false });
    const sourceNames = async () =>
      (await admin().listParticipants(name)).flatMap(({ tracks }) => tracks.map(({ source }) => source));
    const publish = (track: LocalAudioTrack | LocalVideoTrack, source: TrackSource) =>
      page.localParticipant?.publishTrack(track, new TrackPublishOptions({ source }));

    await publish(
      LocalAudioTrack.createAudioTrack('mic', new AudioSource(48_000, 1)),
      TrackSource.SOURCE_MICROPHONE,
    );
    const pictures = new VideoSource(16, 16);
    pictures.captureFrame(new VideoFrame(new Uint8Array(16 * 16 * 4), 16, 16, VideoBufferType.RGBA));
    // The client is not told no: the server takes no such track, and the wait for it ends in vain.
    for (const source of [TrackSource.SOURCE_CAMERA, TrackSource.SOURCE_SCREENSHARE]) {
      const picture = LocalVideoTrack.createVideoTrack('picture', pictures);
      void publish(picture, source)?.catch(() => undefined);
    }
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await vi.waitFor(async () => expect(await sourceNames()).toEqual([TrackSource.SOURCE_MICROPHONE]));
    await page.disconnect();
  });

  it('are deleted with their talk, also those that are gone already', async () => {
    const talkId = randomUUID();
    await rooms().startLeg(job(1, talkId));
    await rooms().startLeg(job(2, talkId));
    await admin().deleteRoom(roomName(talkId, 1));
    await rooms().closeLegs(talkId, 3);
    expect(await admin().listRooms([roomName(talkId, 1), roomName(talkId, 2)])).toEqual([]);
  });

  it('report a loss by the server’s signed webhooks: the assistant gone, the room gone', async () => {
    const talkId = randomUUID();
    const { name, url } = await rooms().startLeg(job(1, talkId));
    const token = new AccessToken(apiKey, apiSecret, { identity: 'agent-test' });
    token.addGrant({ room: name, roomJoin: true });
    const agent = new Room();
    await agent.connect(url, await token.toJwt(), { autoSubscribe: false, dynacast: false });
    await agent.disconnect();
    await vi.waitFor(() => expect(told).toContain(`${name} agent_left`), { timeout: 10_000 });
    await rooms().closeLegs(talkId, 1);
    await vi.waitFor(() => expect(told).toContain(`${name} room_finished`), { timeout: 10_000 });
    expect(told).not.toContain('refused');
  });

  it('tell a server that refuses our key from one that takes it', async () => {
    expect(await rooms().reachable()).toBe(true);
    expect(await rooms('another secret, as long as the first one').reachable()).toBe(false);
  });
});
