/** Deepgram's live speech protocol (developers.deepgram.com, `/v1/listen`): the address asked and the answers. Pure. */
import { z } from 'zod';
import { parseJson } from '../../src-shared/parse-json.ts';

/** What the recogniser is sent: 16 bit linear samples of one channel at this rate. */
export const LISTEN_SAMPLE_RATE_HZ = 16_000;
const DEFAULT_BASE_URL = 'wss://api.deepgram.com';
/** Deepgram's own silence, in ms, before a final result: the framework's end-of-turn model decides about the turn. */
const ENDPOINTING_MS = 25;

export interface DeepgramOptions {
  apiKey: string;
  /** ws:// or wss:// address without path; undefined is Deepgram itself. */
  baseUrl: string | undefined;
  model: string;
  /** For example `en-US` or `de`. */
  language: string;
}

/** Address of a live stream with all that is asked of it. */
export function listenUrl(options: DeepgramOptions): URL {
  const url = new URL(`${options.baseUrl ?? DEFAULT_BASE_URL}/v1/listen`);
  const query = {
    model: options.model,
    language: options.language,
    encoding: 'linear16',
    sample_rate: LISTEN_SAMPLE_RATE_HZ,
    channels: 1,
    punctuate: true,
    smart_format: true,
    interim_results: true,
    no_delay: true,
    vad_events: true,
    endpointing: ENDPOINTING_MS,
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  return url;
}

const wordSchema = z.object({
  word: z.string(),
  punctuated_word: z.string().optional(),
  start: z.number(),
  end: z.number(),
  confidence: z.number().default(0),
});

const alternativeSchema = z.object({
  transcript: z.string(),
  confidence: z.number().default(0),
  words: z.array(wordSchema).default([]),
});
export type HeardAlternative = z.infer<typeof alternativeSchema>;

const messageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('SpeechStarted') }),
  z.object({ type: z.literal('UtteranceEnd') }),
  z.object({
    type: z.literal('Results'),
    is_final: z.boolean().default(false),
    speech_final: z.boolean().default(false),
    channel: z.object({ alternatives: z.array(alternativeSchema) }),
  }),
]);
export type ListenMessage = z.infer<typeof messageSchema>;

/** The message, or undefined for what is none or says nothing to us (Metadata, new kinds). */
export function readListenMessage(text: string): ListenMessage | undefined {
  return messageSchema.safeParse(parseJson(text)).data;
}
