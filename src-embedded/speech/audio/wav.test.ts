import { expect, test } from 'vitest';
import { encodeWav } from './wav.test-kit.ts';
import { parseWav, pcmBytes, pcmSamples, wavHeader } from './wav.ts';

const audio = { samples: Int16Array.from([0, 1, -1, 32767, -32768]), sampleRate: 24_000, channels: 1 };

test('what is written is read back sample for sample', () => {
  expect(parseWav(encodeWav(audio))).toEqual(audio);
});

test('a stream with unknown length gives the samples that came', () => {
  const stream = Buffer.concat([wavHeader(16_000, 1), pcmBytes(audio.samples)]);
  expect(parseWav(stream).samples).toEqual(audio.samples);
});

test('other chunks before the sound are passed over', () => {
  const plain = encodeWav(audio);
  const extra = Buffer.from('LIST\x03\0\0\0abc\0', 'latin1');
  expect(parseWav(Buffer.concat([plain.subarray(0, 36), extra, plain.subarray(36)]))).toEqual(audio);
});

test('what is not 16-bit PCM is refused by name', () => {
  const floats = encodeWav(audio);
  floats.writeUInt16LE(3, 20);
  expect(() => parseWav(floats)).toThrow(/16-bit PCM/);
  expect(() => parseWav(Buffer.from('ID3 some mp3 bytes here'))).toThrow(/not a WAV/);
  expect(() => parseWav(encodeWav(audio).subarray(0, 36))).toThrow(/no sound/);
});

test('an odd last byte is left out', () => {
  expect(pcmSamples(Buffer.from([1, 0, 2]))).toEqual(Int16Array.from([1]));
});
