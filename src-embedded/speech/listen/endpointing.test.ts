import { describe, expect, test } from 'vitest';
import { type EndpointEvent, Endpointer } from './endpointing.ts';

const RATE = 16_000;

/** A 200 Hz tone under a noise of ±`noise`, the same at every run. */
function sound(ms: number, amplitude: number, noise = 12): Int16Array {
  let state = 7;
  return Int16Array.from({ length: (RATE * ms) / 1000 }, (_, at) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.round(amplitude * Math.sin((2 * Math.PI * 200 * at) / RATE) + (state / 2 ** 31 - 1) * noise);
  });
}

function run(parts: Int16Array[], chunk = 1600, pauseMs: number | null = null): EndpointEvent[] {
  const all = parts.flatMap((part) => [...part]);
  const endpointer = new Endpointer({ sampleRate: RATE, pauseMs, endSilenceMs: 300 });
  const events: EndpointEvent[] = [];
  for (let at = 0; at < all.length; at += chunk) {
    events.push(...endpointer.push(Int16Array.from(all.slice(at, at + chunk))));
  }
  return events;
}

const marks = (events: EndpointEvent[]) =>
  events.filter((event) => event.type !== 'audio').map((event) => ({ type: event.type, atMs: event.atMs }));

describe('Endpointer', () => {
  test('finds one utterance, with its pre-roll, and ends it when the silence is long enough', () => {
    const events = run([sound(1000, 0), sound(800, 4000), sound(1000, 0)]);
    expect(marks(events)).toEqual([
      { type: 'start', atMs: 780 },
      { type: 'end', atMs: 1800 },
    ]);
  });

  test('gives out every sample from pre-roll to the closing silence', () => {
    const events = run([sound(1000, 0), sound(800, 4000), sound(1000, 0)]);
    const samples = events.reduce((sum, event) => sum + ('samples' in event ? event.samples.length : 0), 0);
    expect((samples * 1000) / RATE).toBe(1800 - 780 + 300);
  });

  test('does not depend on how the audio is cut into chunks', () => {
    const parts = [sound(500, 0), sound(600, 3000), sound(700, 0), sound(400, 3000), sound(700, 0)];
    expect(marks(run(parts, 37))).toEqual(marks(run(parts, 16_000)));
    expect(marks(run(parts))).toHaveLength(4);
  });

  test('a pause shorter than the end silence does not cut', () => {
    expect(
      marks(run([sound(500, 0), sound(400, 3000), sound(200, 0), sound(400, 3000), sound(600, 0)])),
    ).toHaveLength(2);
  });

  test('a pause is told as early as was asked, sound after it as a resume, a click in it as a pause again', () => {
    const parts = [sound(500, 0), sound(400, 3000), sound(60, 0), sound(400, 3000)];
    const events = marks(run([...parts, sound(90, 0), sound(30, 3000), sound(600, 0)], 1600, 25));
    expect(events.map((event) => event.type)).toEqual(['start', 'pause', 'resume', 'pause', 'pause', 'end']);
    expect(events[1]?.atMs).toBe(900);
    expect(events[3]?.atMs).toBe(1360);
    expect(events[4]?.atMs).toBe(1480);
    expect(events[5]?.atMs).toBe(1480);
  });

  test('a click and steady noise are no speech', () => {
    expect(run([sound(500, 0), sound(40, 9000), sound(500, 0)])).toEqual([]);
    expect(run([sound(6000, 0, 100)])).toEqual([]);
  });

  test('a loud fan is got used to: speech over it is still cut at its end', () => {
    const events = run([sound(20_000, 0, 900), sound(800, 8000, 900), sound(1500, 0, 900)]);
    expect(marks(events).at(-1)).toEqual({ type: 'end', atMs: 20_800 });
  });

  test('an utterance without end is cut at its longest', () => {
    const events = marks(run([sound(200, 0), sound(21_000, 4000)]));
    expect(events[1]?.type).toBe('end');
  });

  test('finish ends an open utterance once', () => {
    const endpointer = new Endpointer({ sampleRate: RATE, pauseMs: null, endSilenceMs: 300 });
    endpointer.push(sound(300, 4000));
    expect(endpointer.finish()).toEqual([{ type: 'end', atMs: 300 }]);
    expect(endpointer.finish()).toEqual([]);
  });
});
