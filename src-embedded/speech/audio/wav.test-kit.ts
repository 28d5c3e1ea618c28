/** Writes whole WAV files: what the product only reads. */
import { type PcmAudio, pcmBytes, wavHeader } from './wav.ts';

/** A whole WAV file. */
export function encodeWav(audio: PcmAudio): Buffer {
  const data = pcmBytes(audio.samples);
  return Buffer.concat([wavHeader(audio.sampleRate, audio.channels, data.length), data]);
}
