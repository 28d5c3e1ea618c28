/** Deepgram's `/v1/listen` (developers.deepgram.com, models nova-3 and before): transcription without judging turns. Pure. */
import { z } from 'zod';
import { parseJson } from '../../src-shared/parse-json.ts';
import { type DeepgramOptions, deepgramSocket } from './deepgram-socket.ts';
import { type EarsEvent, type EarsWire, heardWordSchema } from './ears-wire.ts';

/** Its own silence, in ms, before a final result: the framework's end-of-turn model decides about the turn … */
const ENDPOINTING_MS = 25;
/** … and where a recogniser is to decide, so long: a shorter one cuts sentences at every breath. */
const PATIENT_ENDPOINTING_MS = 700;

/** @param options `endsTurns`: nobody else judges the end of a turn */
export function novaWire(options: DeepgramOptions & { endsTurns: boolean }): EarsWire {
  const { language, endsTurns } = options;
  return {
    ...deepgramSocket('/v1/listen', options, {
      language,
      channels: 1,
      punctuate: true,
      smart_format: true,
      interim_results: true,
      no_delay: true,
      vad_events: true,
      endpointing: endsTurns ? PATIENT_ENDPOINTING_MS : ENDPOINTING_MS,
    }),
    keepAlive: JSON.stringify({ type: 'KeepAlive' }),
    finalize: JSON.stringify({ type: 'Finalize' }),
    read,
  };
}

const alternativeSchema = z.object({
  transcript: z.string(),
  confidence: z.number().default(0),
  words: z.array(heardWordSchema).default([]),
});

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

function read(text: string): EarsEvent[] {
  const message = messageSchema.safeParse(parseJson(text)).data;
  if (!message) return [];
  if (message.type === 'SpeechStarted') return [{ type: 'speechBegins' }];
  if (message.type === 'UtteranceEnd') return [{ type: 'speechEnds' }];
  const [best] = message.channel.alternatives;
  const stage = message.is_final ? 'final' : 'interim';
  return [
    ...(best?.transcript ? [{ type: 'words' as const, stage, heard: best } as const] : []),
    ...(message.speech_final ? [{ type: 'speechEnds' as const }] : []),
  ];
}
