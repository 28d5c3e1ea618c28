/**
 * Deepgram's Flux, `/v2/listen` (developers.deepgram.com/docs/flux): it judges the end of a turn itself, and tells it
 * early when it is likely, so that a reply can be prepared. Pure.
 */
import { z } from 'zod';
import { parseJson } from '../../src-shared/parse-json.ts';
import { type DeepgramOptions, deepgramSocket } from './deepgram-socket.ts';
import { type EarsEvent, type EarsWire, heardWordSchema } from './ears-wire.ts';

/** So sure of the end of a turn that a reply is prepared … */
const EAGER_THRESHOLD = 0.4;
/** … and that it is spoken. Deepgram's own default. */
const END_THRESHOLD = 0.7;
/** Silence after which a turn is over however it sounds; a slow speaker's pause is shorter. */
const TIMEOUT_MS = 3_000;

/** @param options `model`: `flux-general-en`, or `flux-general-multi` with the language as a hint */
export function fluxWire(options: DeepgramOptions): EarsWire {
  const { model, language } = options;
  const [hint = language] = language.split('-');
  return {
    ...deepgramSocket('/v2/listen', options, {
      ...(model.endsWith('-multi') ? { language_hint: hint } : {}),
      eager_eot_threshold: EAGER_THRESHOLD,
      eot_threshold: END_THRESHOLD,
      eot_timeout_ms: TIMEOUT_MS,
    }),
    // It knows no such message; the sound that never stops keeps it open.
    keepAlive: null,
    finalize: null,
    read,
  };
}

const turnSchema = z.object({
  type: z.literal('TurnInfo'),
  event: z.string(),
  transcript: z.string().default(''),
  words: z.array(heardWordSchema).default([]),
  end_of_turn_confidence: z.number().default(0),
});

function read(text: string): EarsEvent[] {
  const turn = turnSchema.safeParse(parseJson(text)).data;
  if (!turn) return [];
  const { event, transcript, words, end_of_turn_confidence: confidence } = turn;
  const heard = (stage: 'interim' | 'preflight' | 'final'): EarsEvent[] =>
    transcript ? [{ type: 'words', stage, heard: { transcript, words, confidence } }] : [];
  switch (event) {
    case 'StartOfTurn':
      return [{ type: 'speechBegins' }, ...heard('interim')];
    case 'Update':
    case 'TurnResumed':
      return heard('interim');
    case 'EagerEndOfTurn':
      return heard('preflight');
    case 'EndOfTurn':
      return [...heard('final'), { type: 'speechEnds' }];
    default:
      return [];
  }
}
