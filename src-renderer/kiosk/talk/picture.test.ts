import { describe, expect, it } from 'vitest';
import { inLastMinute, voicePicture } from './picture.ts';

describe('picture of the voice', () => {
  const here = { connection: 'connected', agentState: 'speaking' } as const;

  it('shows what the assistant does while the clock runs', () => {
    for (const agentState of ['listening', 'thinking', 'speaking'] as const) {
      expect(voicePicture('charging', { connection: 'connected', agentState })).toBe(agentState);
    }
  });

  it('also before the first charged second: the greeting is heard and seen', () => {
    expect(voicePicture('connecting', here)).toBe('speaking');
  });

  it('is paused whenever the talk stands still', () => {
    for (const meter of [
      'paused_by_customer',
      'paused_by_silence',
      'waiting_for_payment',
      'ended',
    ] as const) {
      expect(voicePicture(meter, here)).toBe('paused');
    }
  });

  it('never pretends that someone is there', () => {
    expect(voicePicture('agent_unreachable', here)).toBe('connecting');
    expect(voicePicture('charging', { ...here, connection: 'reconnecting' })).toBe('connecting');
    expect(voicePicture('charging', { ...here, agentState: null })).toBe('connecting');
    expect(voicePicture('charging', { ...here, agentState: 'failing' })).toBe('connecting');
  });

  it('knows the last minute', () => {
    expect([61, 60, 0].map(inLastMinute)).toEqual([false, true, true]);
  });
});
