import { afterEach, expect, test, vi } from 'vitest';
import { openVoice } from './voice.ts';

afterEach(() => vi.useRealTimers());

test('speaks from its rest, and after another rest just the same', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const voice = await openVoice();
  const say = async () => {
    const pieces = [];
    for await (const piece of voice.speak('One. Two.', { voice: 'slt', speed: 1, sampleRate: 16_000 })) {
      pieces.push(piece.length);
    }
    return pieces;
  };
  const first = await say();
  expect(Math.min(...first)).toBeGreaterThan(1_000);
  vi.advanceTimersByTime(120_000);
  expect(await say()).toEqual(first);
  await voice.close();
});
