import { describe, expect, it } from 'vitest';
import { talkHeartbeatSchema } from '../../../src-shared/visit.ts';
import { buildHeartbeat, type TalkSigns } from './heartbeat.ts';

const signs: TalkSigns = {
  talkId: '7f0ac3a4-5f2e-4ac5-8a38-3a1d9d4c6f11',
  leg: 2,
  connection: 'connected',
  agentBeat: { state: 'speaking', hears: true, atMs: 9_300.4 },
  agentSoundAtMs: 9_500,
  lastVoiceAtMs: 8_000,
  hearsAgent: true,
  canSpeak: true,
  microphoneLost: false,
  speakerLost: false,
  writes: false,
};

describe('heartbeat of the page', () => {
  it('gives ages in whole milliseconds, as the station expects them', () => {
    const beat = buildHeartbeat(signs, 10_000);
    expect(talkHeartbeatSchema.parse(beat)).toMatchObject({
      agentAgeMs: 700,
      agentSoundAgeMs: 500,
      lastVoiceAgeMs: 2_000,
    });
  });

  it('says that nothing was heard yet', () => {
    const beat = buildHeartbeat({ ...signs, agentBeat: null, lastVoiceAtMs: null }, 10_000);
    expect(beat).toMatchObject({ agentAgeMs: null, agentState: null, lastVoiceAgeMs: null });
  });

  it('tells that the assistant can’t hear, but not of one who writes', () => {
    const deaf: TalkSigns = { ...signs, agentBeat: { state: 'listening', hears: false, atMs: 9_900 } };
    expect(buildHeartbeat(deaf, 10_000).earsLost).toBe(true);
    expect(buildHeartbeat({ ...deaf, writes: true }, 10_000).earsLost).toBe(false);
  });

  it('never gives a negative age', () => {
    expect(buildHeartbeat(signs, 9_000).agentAgeMs).toBe(0);
  });
});
