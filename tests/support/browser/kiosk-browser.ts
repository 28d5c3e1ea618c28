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
    const context = new AudioContext({ sampleRate: 48_000 });
    const mouth = context.createGain();
    navigator.mediaDevices.getUserMedia = async () => {
      await context.resume();
      const microphone = context.createMediaStreamDestination();
      mouth.connect(microphone);
      return microphone.stream;
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
    Object.assign(window, { __say: say });
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
    const context = new AudioContext({ sampleRate: rate });
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
