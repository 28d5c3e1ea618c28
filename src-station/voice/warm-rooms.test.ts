import { beforeEach, describe, expect, test } from 'vitest';
import type { RoomService } from '../../src-runtime/livekit-rooms.ts';
import { createLogger } from '../../src-runtime/log.ts';
import { ManualClock } from '../clock.test-kit.ts';
import type { ExpectedJob } from './rooms.ts';
import { withWarmRoom } from './warm-rooms.ts';

const job: ExpectedJob = {
  visitId: 'visit',
  leg: 1,
  locale: 'en',
  formerLocale: null,
  customerName: null,
  remainingSeconds: 3_600,
  demo: true,
  history: [],
};

let clock: ManualClock;
let made: string[];
let closed: string[];
let attended: boolean;
let down: boolean;

const service: RoomService = {
  startLeg: async ({ talkId, leg }) => {
    if (down) throw new Error('no LiveKit');
    made.push(talkId);
    return { url: 'ws://x', name: `talk-${talkId}-${leg}`, token: 'token' };
  },
  closeLegs: async (talkId, legs) => {
    for (let leg = 1; leg <= legs; leg += 1) closed.push(`talk-${talkId}-${leg}`);
  },
  isAttended: async () => attended,
  reachable: async () => !down,
};

function warm() {
  let ids = 0;
  const newId = () => {
    ids += 1;
    return `warm${ids}`;
  };
  return withWarmRoom(service, { clock, newId, log: createLogger({ service: 'test', level: 'silent' }) });
}

beforeEach(() => {
  clock = new ManualClock();
  made = [];
  closed = [];
  attended = true;
  down = false;
});

describe('a warm room', () => {
  test('is made once for an expected talk and given to it', async () => {
    const rooms = warm();
    rooms.expectTalk(job);
    rooms.expectTalk({ ...job });
    await clock.advanceAsync(10_000);
    expect(made).toEqual(['warm1']);
    expect((await rooms.startLeg({ ...job, talkId: 'real' })).name).toBe('talk-warm1-1');
    expect(made).toEqual(['warm1']);
    // The screen is another one now; the room belongs to the talk.
    rooms.expectTalk(null);
    await clock.advanceAsync(10 * 60_000);
    expect(closed).toEqual([]);
    await rooms.closeLegs('real', 2);
    expect(closed.sort()).toEqual(['talk-real-1', 'talk-real-2', 'talk-warm1-1']);
  });

  test('goes when the talk is no longer expected', async () => {
    const rooms = warm();
    rooms.expectTalk(job);
    rooms.expectTalk(null);
    await clock.advanceAsync(0);
    expect(closed).toEqual(['talk-warm1-1']);
    expect((await rooms.startLeg({ ...job, talkId: 'real' })).name).toBe('talk-real-1');
  });

  test.each([
    ['another language', { ...job, locale: 'de' as const }],
    ['more time', { ...job, remainingSeconds: 7_200 }],
    ['another visit', { ...job, visitId: 'other' }],
  ])('gives way to a new one for %s', async (_what, other) => {
    const rooms = warm();
    rooms.expectTalk(job);
    rooms.expectTalk(other);
    await clock.advanceAsync(0);
    expect(made).toEqual(['warm1', 'warm2']);
    expect(closed).toEqual(['talk-warm1-1']);
    expect((await rooms.startLeg({ ...other, talkId: 'real' })).name).toBe('talk-warm2-1');
  });

  test('is not for a talk it was not made for', async () => {
    const rooms = warm();
    rooms.expectTalk(job);
    expect((await rooms.startLeg({ ...job, leg: 2, talkId: 'real' })).name).toBe('talk-real-2');
  });

  test('without an agent after a while is not taken, but one whose agent is on its way is', async () => {
    attended = false;
    const rooms = warm();
    rooms.expectTalk(job);
    await clock.advanceAsync(2_000);
    expect((await rooms.startLeg({ ...job, talkId: 'first' })).name).toBe('talk-warm1-1');
    rooms.expectTalk(null);
    rooms.expectTalk(job);
    await clock.advanceAsync(5_000);
    expect((await rooms.startLeg({ ...job, talkId: 'second' })).name).toBe('talk-second-1');
    await clock.advanceAsync(0);
    expect(closed).toEqual(['talk-warm2-1']);
  });

  test('does not wait for ever', async () => {
    const rooms = warm();
    rooms.expectTalk(job);
    await clock.advanceAsync(5 * 60_000);
    expect(closed).toEqual(['talk-warm1-1']);
    expect((await rooms.startLeg({ ...job, talkId: 'real' })).name).toBe('talk-real-1');
  });

  test('that could not be made costs the talk nothing', async () => {
    down = true;
    const rooms = warm();
    rooms.expectTalk(job);
    await clock.advanceAsync(1_000);
    down = false;
    expect((await rooms.startLeg({ ...job, talkId: 'real' })).name).toBe('talk-real-1');
  });
});
