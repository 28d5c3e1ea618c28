/**
 * Reads WAV files of 16-bit PCM and writes their headers. Pure. Promise: what is written is read back sample for
 * sample; anything that is not 16-bit PCM is refused by name, never misread as noise.
 */

export interface PcmAudio {
  /** Interleaved when there is more than one channel. */
  samples: Int16Array;
  sampleRate: number;
  channels: number;
}

const HEADER_BYTES = 44;
const FORMAT_PCM = 1;
const FORMAT_EXTENSIBLE = 0xfffe;
/** Size field of a stream whose length is not known when its header leaves. */
const UNKNOWN_BYTES = 0xffff_ffff;

/** The 44-byte header; without `dataBytes` the sizes say «unknown», as streaming servers do. */
export function wavHeader(sampleRate: number, channels: number, dataBytes?: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(dataBytes === undefined ? UNKNOWN_BYTES : dataBytes + HEADER_BYTES - 8, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(FORMAT_PCM, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * channels * 2, 28);
  header.writeUInt16LE(channels * 2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(dataBytes ?? UNKNOWN_BYTES, 40);
  return header;
}

/** Samples as little-endian bytes, whatever the machine. */
export function pcmBytes(samples: Int16Array): Buffer {
  const bytes = Buffer.allocUnsafe(samples.length * 2);
  for (let index = 0; index < samples.length; index += 1) bytes.writeInt16LE(samples[index] ?? 0, 2 * index);
  return bytes;
}

/** Little-endian bytes as samples; an odd last byte is left out. */
export function pcmSamples(bytes: Uint8Array): Int16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const samples = new Int16Array(Math.floor(bytes.byteLength / 2));
  for (let index = 0; index < samples.length; index += 1) samples[index] = view.getInt16(2 * index, true);
  return samples;
}

/**
 * Reads a WAV file; a data chunk cut short (a stream) gives what is there.
 * @throws Error when it is not a WAV, or not 16-bit PCM.
 */
export function parseWav(bytes: Uint8Array): PcmAudio {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || tag(bytes, 0) !== 'RIFF' || tag(bytes, 8) !== 'WAVE') {
    throw new Error('not a WAV file');
  }
  let format: { sampleRate: number; channels: number } | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at + 4, true);
    const name = tag(bytes, at);
    if (name === 'fmt ' && at + 24 <= bytes.length) {
      const code = view.getUint16(at + 8, true);
      const bits = view.getUint16(at + 22, true);
      if ((code !== FORMAT_PCM && code !== FORMAT_EXTENSIBLE) || bits !== 16) {
        throw new Error(`only 16-bit PCM is read here, this is format ${code} with ${bits} bits`);
      }
      format = { channels: view.getUint16(at + 10, true), sampleRate: view.getUint32(at + 12, true) };
    } else if (name === 'data' && format) {
      const end = Math.min(bytes.length, at + 8 + size);
      return { ...format, samples: pcmSamples(bytes.subarray(at + 8, end)) };
    }
    at += 8 + size + (size % 2);
  }
  throw new Error('the WAV file has no sound in it');
}

function tag(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
