/**
 * Debian's Chromium as the kiosk's screen: a microphone that plays a WAV file when the test says so, and what the
 * assistant says recorded from the page's own audio elements. The product's code is not touched or replaced for it.
 */
import { readFileSync } from 'node:fs';
import { type Browser, chromium, type Page } from '@playwright/test';

/** Starts Chromium; no real device is used, nothing is asked. */
export function launchKioskBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      '--autoplay-policy=no-user-gesture-required',
    ],
  });
}

/**
 * Gives the page a quiet microphone into which `speakAloud` plays. Chromium's own fake microphone starts its file when the
 * device is opened, which on a slow machine is before the assistant has greeted; a person waits for that. From
 * getUserMedia on (capture track, WebRTC, Opus, LiveKit, agent) all is real. Call it before the page is opened.
 */
export async function standAtMicrophone(page: Page): Promise<void> {
  await page.addInitScript(() => {
    // Long buffers: on a busy machine short ones run empty, and a word is torn that a person would have spoken whole.
    const context = new AudioContext({ sampleRate: 48_000, latencyHint: 'playback' });
    const mouth = context.createGain();
    // Every room hisses, far below what a person hears; a microphone of zeros alone counts as broken.
    const hiss = context.createBufferSource();
    hiss.buffer = context.createBuffer(1, context.sampleRate, context.sampleRate);
    hiss.buffer.getChannelData(0).forEach((_, index, samples) => {
      samples[index] = (Math.random() - 0.5) * 1e-4;
    });
    hiss.loop = true;
    hiss.connect(mouth);
    hiss.start();
    const devices = { microphone: true, loudspeaker: true };
    let opened: MediaStreamTrack[] = [];
    navigator.mediaDevices.getUserMedia = async () => {
      if (!devices.microphone) throw new DOMException('Requested device not found', 'NotFoundError');
      await context.resume();
      const microphone = context.createMediaStreamDestination();
      mouth.connect(microphone);
      opened = microphone.stream.getTracks();
      return microphone.stream;
    };
    navigator.mediaDevices.enumerateDevices = async () => {
      const device = (kind: MediaDeviceKind) => ({ kind, deviceId: kind, groupId: '', label: kind });
      return [
        ...(devices.microphone ? [device('audioinput')] : []),
        ...(devices.loudspeaker ? [device('audiooutput')] : []),
      ] as MediaDeviceInfo[];
    };
    const plug = (wish: { microphone: boolean; loudspeaker: boolean }) => {
      if (!wish.microphone) {
        for (const track of opened) {
          track.stop();
          track.dispatchEvent(new Event('ended'));
        }
      }
      Object.assign(devices, wish);
      navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
    };
    const quieten = (gain: number) => {
      mouth.gain.value = gain;
    };
    const say = async (wavBase64: string) => {
      const bytes = Uint8Array.from(atob(wavBase64), (letter) => letter.charCodeAt(0));
      const source = context.createBufferSource();
      source.buffer = await context.decodeAudioData(bytes.buffer);
      source.connect(mouth);
      const ended = new Promise((resolve) => source.addEventListener('ended', resolve));
      source.start();
      await ended;
    };
    Object.assign(window, { __say: say, __devices: { plug, quieten } });
  });
}

interface DeviceHooks {
  plug(wish: { microphone: boolean; loudspeaker: boolean }): void;
  quieten(gain: number): void;
}

/** Pulls microphone and loudspeaker of `standAtMicrophone` out of the machine, or plugs them in; as a browser tells it. */
export function plug(page: Page, wish: { microphone: boolean; loudspeaker: boolean }): Promise<void> {
  return page.evaluate(
    (devices) => (window as unknown as { __devices: DeviceHooks }).__devices.plug(devices),
    wish,
  );
}

/** The microphone of `standAtMicrophone` gives nothing but zeros (`0`), as one that the system muted, or sound (`1`). */
export function microphoneGain(page: Page, gain: 0 | 1): Promise<void> {
  return page.evaluate(
    (value) => (window as unknown as { __devices: DeviceHooks }).__devices.quieten(value),
    gain,
  );
}

/** From now on nothing of what the assistant says comes out of the page, though all of it arrives. */
export function breakAssistantSound(page: Page): Promise<void> {
  return page.evaluate(() => {
    for (const element of document.querySelectorAll('audio')) {
      const stream = element.srcObject;
      if (stream instanceof MediaStream) for (const track of stream.getTracks()) track.enabled = false;
    }
  });
}

/** Speaks a WAV file into the microphone of `standAtMicrophone`; resolves when it is over. */
export function speakAloud(page: Page, wavPath: string): Promise<void> {
  return page.evaluate(
    (wav) => (window as unknown as { __say(wav: string): Promise<void> }).__say(wav),
    readFileSync(wavPath).toString('base64'),
  );
}

/** 16 kHz, mono: what the recogniser of the tests takes. */
const RECORDING_RATE_HZ = 16_000;

/**
 * Starts recording everything the page plays from remote streams, from now on. `stop()` gives 16-bit samples at
 * 16 kHz, of the track with the most sound (a stream may show up more than once).
 */
export async function recordAssistant(page: Page): Promise<{ stop(): Promise<Int16Array> }> {
  await page.evaluate((rate) => {
    const context = new AudioContext({ sampleRate: rate, latencyHint: 'playback' });
    const recordings: Float32Array[][] = [];
    const seen = new Set<MediaStream>();
    const listen = () => {
      for (const element of document.querySelectorAll('audio, video')) {
        const stream = (element as HTMLMediaElement).srcObject;
        if (!(stream instanceof MediaStream) || seen.has(stream) || stream.getAudioTracks().length === 0)
          continue;
        seen.add(stream);
        const chunks: Float32Array[] = [];
        recordings.push(chunks);
        const source = context.createMediaStreamSource(stream);
        const tap = context.createScriptProcessor(4096, 1, 1);
        tap.onaudioprocess = (event) => chunks.push(event.inputBuffer.getChannelData(0).slice());
        source.connect(tap);
        tap.connect(context.destination);
      }
    };
    listen();
    const timer = setInterval(listen, 50);
    Object.assign(window, { __recording: { recordings, stop: () => clearInterval(timer) } });
  }, RECORDING_RATE_HZ);
  return {
    async stop() {
      const samples = await page.evaluate(() => {
        const { recordings, stop } = (
          window as unknown as { __recording: { recordings: Float32Array[][]; stop(): void } }
        ).__recording;
        stop();
        const energy = (chunks: Float32Array[]) =>
          chunks.reduce((sum, chunk) => sum + chunk.reduce((part, value) => part + value * value, 0), 0);
        const [loudest = []] = recordings.sort((a, b) => energy(b) - energy(a));
        return loudest.flatMap((chunk) =>
          Array.from(chunk, (value) => Math.round(Math.max(-1, Math.min(1, value)) * 32_767)),
        );
      });
      return Int16Array.from(samples);
    },
  };
}
