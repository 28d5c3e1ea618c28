/**
 * Speech for end-to-end tests: `synthesise` makes the WAV that a customer speaks, `recogniseSamples` reads what a
 * recording says, so that a test can ask «was the balance spoken?». Needs pocketsphinx for the latter only.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resample } from '../../../src-embedded/speech/audio/resample.ts';
import { encodeWav } from '../../../src-embedded/speech/audio/wav.test-kit.ts';
import { pcmBytes } from '../../../src-embedded/speech/audio/wav.ts';
import { Decoder } from '../../../src-embedded/speech/listen/decoder.ts';
import { findSpeechModels, type SpeechModels } from '../../../src-embedded/speech/listen/models.ts';
import { openFlite } from '../../../src-embedded/speech/voice/flite-wasi.ts';
import { speakable } from '../../../src-embedded/speech/voice/normalise.ts';

const MODEL_DIR = '/usr/share/pocketsphinx/model/en-us';
/** Amplitude of the room's noise under the speech: digital silence is not what a microphone gives. */
const ROOM_NOISE = 12;

const flite = openFlite();

export interface SynthesiseOptions {
  /** Hertz; Chromium's fake microphone wants 48000. */
  sampleRate?: number;
  leadSilenceMs?: number;
  tailSilenceMs?: number;
  /** flite's voice; `slt` is recognised best. */
  voice?: string;
  speed?: number;
}

/** Speaks `text` into a mono 16-bit WAV file at `path`; gives its length in milliseconds. */
export async function synthesise(
  text: string,
  path: string,
  options: SynthesiseOptions = {},
): Promise<number> {
  const sampleRate = options.sampleRate ?? 48_000;
  const spoken = await speak(text, options);
  const voice = resample(spoken.samples, spoken.sampleRate, sampleRate);
  const lead = Math.round((sampleRate * (options.leadSilenceMs ?? 1000)) / 1000);
  const tail = Math.round((sampleRate * (options.tailSilenceMs ?? 1000)) / 1000);
  const samples = roomNoise(lead + voice.length + tail);
  for (let at = 0; at < voice.length; at += 1) {
    samples[lead + at] = Math.max(-32768, Math.min(32767, (samples[lead + at] ?? 0) + (voice[at] ?? 0)));
  }
  await writeFile(path, encodeWav({ samples, sampleRate, channels: 1 }));
  return Math.round((samples.length * 1000) / sampleRate);
}

/** One sentence as flite makes it, 16 kHz, no silence added. */
export async function speak(text: string, options: { voice?: string; speed?: number } = {}) {
  return (await flite).speak(speakable(text), {
    voice: options.voice ?? 'slt',
    speed: options.speed ?? 1,
  });
}

export interface RecognisedSpeech {
  /** Heard with pocketsphinx's own model of general English: use it for the assistant's replies. */
  general: string;
  /** Heard with the product's phrases only: use it for what a customer says. */
  domain: string;
}

/**
 * What samples at 16 kHz say: lower case, no punctuation, numbers in words.
 * @throws Error with the way to mend it when pocketsphinx is missing
 */
export async function recogniseSamples(samples: Int16Array): Promise<RecognisedSpeech> {
  const workDir = await mkdtemp(join(tmpdir(), 'mindbot-recognise-'));
  try {
    const models = await speechModels(workDir);
    const [general, domain] = await Promise.all([
      hear(models.general, samples),
      hear(models.domain, samples),
    ]);
    return { general, domain };
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

/**
 * The installed models, with the domain model written into `workDir`.
 * @throws Error with the way to mend it when pocketsphinx is missing
 */
export async function speechModels(workDir: string): Promise<SpeechModels> {
  const found = await findSpeechModels({
    workDir,
    modelDir: MODEL_DIR,
    searchPath: process.env['PATH'] ?? '/usr/bin',
  });
  if (!found.ok) throw new Error(found.reason);
  return found.models;
}

/** A whole recording takes longer than one utterance, the more so on a busy machine. */
const RECOGNISE_TIMEOUT_MS = 90_000;

async function hear(model: SpeechModels['general'], samples: Int16Array): Promise<string> {
  const decoder = new Decoder(model);
  decoder.write(pcmBytes(samples));
  return (await decoder.finish(RECOGNISE_TIMEOUT_MS)).map((heard) => heard.word).join(' ');
}

/** The same noise each time (a linear congruential generator), so that a test that passed passes again. */
function roomNoise(length: number): Int16Array {
  const samples = new Int16Array(length);
  let state = 1;
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    samples[at] = Math.round((state / 2 ** 32 - 0.5) * 2 * ROOM_NOISE);
  }
  return samples;
}
