/**
 * Band-limited change of sample rate (polyphase windowed sinc). Pure. Promise: tones below the lower of the two Nyquist
 * limits keep their level; tones above it do not come back as false ones. Length is `samples × to / from`, rounded up.
 */

/** Zero crossings on each side of the sinc: 24 gives a stop band below −60 dB with the Blackman window. */
const ZERO_CROSSINGS = 24;
/** Leaves room for the filter's slope below the Nyquist limit. */
const ROLLOFF = 0.94;

interface Kernel {
  phases: Float64Array[];
  up: number;
  down: number;
  half: number;
}

const kernels = new Map<string, Kernel>();

/** Mono 16-bit samples at `fromRate` as samples at `toRate`, clipped to 16 bits. */
export function resample(samples: Int16Array, fromRate: number, toRate: number): Int16Array {
  if (fromRate === toRate) return samples;
  const { phases, up, down, half } = kernel(fromRate, toRate);
  const length = Math.ceil((samples.length * up) / down);
  const output = new Int16Array(length);
  for (let index = 0; index < length; index += 1) {
    const position = index * down;
    const centre = Math.floor(position / up);
    const taps = phases[position % up];
    if (!taps) continue;
    let sum = 0;
    const first = Math.max(0, centre - half + 1);
    const last = Math.min(samples.length - 1, centre + half);
    for (let at = first; at <= last; at += 1) {
      sum += (samples[at] ?? 0) * (taps[at - centre + half - 1] ?? 0);
    }
    output[index] = Math.max(-32768, Math.min(32767, Math.round(sum)));
  }
  return output;
}

function kernel(fromRate: number, toRate: number): Kernel {
  const key = `${fromRate}:${toRate}`;
  const known = kernels.get(key);
  if (known) return known;
  const divisor = greatestCommonDivisor(fromRate, toRate);
  const up = toRate / divisor;
  const down = fromRate / divisor;
  const cutoff = ROLLOFF * Math.min(1, up / down);
  const half = Math.ceil(ZERO_CROSSINGS / cutoff);
  const phases = Array.from({ length: up }, (_, phase) => phaseTaps(phase / up, cutoff, half));
  const made = { phases, up, down, half };
  kernels.set(key, made);
  return made;
}

/** Taps for an output that lies `fraction` of an input sample after its centre; they sum to one (no level change). */
function phaseTaps(fraction: number, cutoff: number, half: number): Float64Array {
  const taps = new Float64Array(2 * half);
  let sum = 0;
  for (let tap = 0; tap < taps.length; tap += 1) {
    const distance = tap - half + 1 - fraction;
    const window = blackman(distance / half);
    const value = cutoff * sinc(cutoff * distance) * window;
    taps[tap] = value;
    sum += value;
  }
  return taps.map((value) => value / sum);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Blackman window over −1..1. */
function blackman(x: number): number {
  if (Math.abs(x) >= 1) return 0;
  return 0.42 + 0.5 * Math.cos(Math.PI * x) + 0.08 * Math.cos(2 * Math.PI * x);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
