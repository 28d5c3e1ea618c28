/**
 * Two soft sounds: one when it becomes the customer's turn for the first time or after a pause, a softer one when the
 * last minute begins. What they say is always on the screen too.
 */
import { useEffect, useRef } from 'react';
import type { OrbState } from '../../components/Orb.tsx';

const LISTENING = { hertz: [523.25, 783.99], loud: 0.05 } as const;
const LAST_MINUTE = { hertz: [659.25, 440], loud: 0.035 } as const;
const NOTE_SECONDS = 0.22;

export function useCues(picture: OrbState, lastMinute: boolean): void {
  const stoodStill = useRef(true);
  useEffect(() => {
    if (picture === 'paused' || picture === 'connecting') stoodStill.current = true;
    if (picture !== 'listening' || !stoodStill.current) return;
    stoodStill.current = false;
    play(LISTENING);
  }, [picture]);
  useEffect(() => {
    if (lastMinute) play(LAST_MINUTE);
  }, [lastMinute]);
}

function play(cue: { hertz: readonly number[]; loud: number }): void {
  const context = new AudioContext();
  cue.hertz.forEach((hertz, index) => {
    const startsAt = context.currentTime + index * NOTE_SECONDS * 0.7;
    const gain = context.createGain();
    gain.gain.setValueAtTime(0, startsAt);
    gain.gain.linearRampToValueAtTime(cue.loud, startsAt + 0.03);
    gain.gain.exponentialRampToValueAtTime(0.0001, startsAt + NOTE_SECONDS);
    const note = context.createOscillator();
    note.frequency.value = hertz;
    note.connect(gain).connect(context.destination);
    note.start(startsAt);
    note.stop(startsAt + NOTE_SECONDS);
  });
  setTimeout(() => void context.close(), 1_500);
}
