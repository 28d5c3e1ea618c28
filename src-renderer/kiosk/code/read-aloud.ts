/**
 * "Read it to me": the code, symbol by symbol, by a voice of this machine. Offered only when there is a voice for the
 * language that works without a network.
 */
import { useEffect, useState } from 'react';
import type { Locale } from '../../../src-shared/visit.ts';
import { languageTag } from '../../i18n/format.ts';
import { codeAsSpoken } from './code-as-spoken.ts';

/** Slower than talk: someone is writing along. */
const RATE = 0.75;

/** @returns the function that reads a code aloud, or null when this machine has no voice for it */
export function useReadAloud(locale: Locale): ((code: string) => void) | null {
  const [voice, setVoice] = useState<SpeechSynthesisVoice | null>(null);
  useEffect(() => {
    if (!('speechSynthesis' in window)) return;
    const find = () => {
      const voices = window.speechSynthesis.getVoices();
      setVoice(voices.find((each) => each.localService && each.lang.startsWith(locale)) ?? null);
    };
    find();
    window.speechSynthesis.addEventListener('voiceschanged', find);
    return () => {
      window.speechSynthesis.removeEventListener('voiceschanged', find);
      window.speechSynthesis.cancel();
    };
  }, [locale]);
  if (!voice) return null;
  return (code) => {
    const words = new SpeechSynthesisUtterance(codeAsSpoken(code));
    words.voice = voice;
    words.lang = languageTag(locale);
    words.rate = RATE;
    window.speechSynthesis.cancel();
    window.speechSynthesis.speak(words);
  };
}
