/**
 * The microphone check: asks for the microphone, measures how loud it hears, and lets it go again. Nothing is recorded
 * or sent.
 */
import { useEffect, useRef, useState } from 'react';
import { loudness } from './loudness.ts';

export type MicrophoneState = 'asking' | 'quiet' | 'heard' | 'missing';

/** Loudness from which a voice counts as heard, and for how many readings in a row (a knock is shorter). */
const HEARD_FROM = 0.12;
const HEARD_READINGS = 4;

export interface MicrophoneCheck {
  state: MicrophoneState;
  /** Loudness 0 … 1 at this moment. */
  level(): number;
}

/** Checks while `wanted`; the microphone is released as soon as it is not. */
export function useMicrophoneCheck(wanted: boolean): MicrophoneCheck {
  const [state, setState] = useState<MicrophoneState>('asking');
  const current = useRef(0);
  useEffect(() => {
    if (!wanted) return;
    let over = false;
    let release: () => void = () => undefined;
    setState('asking');
    openMicrophone()
      .then((microphone) => {
        if (over) return microphone.close();
        let readings = 0;
        let heard = false;
        const timer = setInterval(() => {
          current.current = microphone.level();
          readings = current.current > HEARD_FROM ? readings + 1 : 0;
          heard ||= readings >= HEARD_READINGS;
          setState(heard ? 'heard' : 'quiet');
        }, 50);
        release = () => {
          clearInterval(timer);
          microphone.close();
        };
      })
      .catch(() => {
        if (!over) setState('missing');
      });
    return () => {
      over = true;
      release();
      current.current = 0;
    };
  }, [wanted]);
  return { state, level: () => current.current };
}

async function openMicrophone() {
  const devices: MediaDevices | undefined = navigator.mediaDevices;
  if (!devices) throw new Error('this page may not use a microphone');
  const stream = await devices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } });
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return {
    level: () => {
      analyser.getFloatTimeDomainData(samples);
      return loudness(samples);
    },
    close: () => {
      for (const track of stream.getTracks()) track.stop();
      void context.close();
    },
  };
}
