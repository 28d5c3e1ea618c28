/**
 * The query of `/v1/listen`: what is understood, what is accepted without effect, what is refused. Pure. A model is
 * known by the names that Deepgram gives it, so that a name which would fail there fails here too.
 */

/** The acoustic model's rate. */
export const LISTEN_SAMPLE_RATE = 16_000;
/** Deepgram's own, where none is named. */
const DEFAULT_ENDPOINTING_MS = 10;
const SAMPLE_RATES = [8_000, 16_000, 24_000, 32_000, 44_100, 48_000];

/** Families of models by their uses; the name of a family alone is its `general`. */
const MODEL_USES: Record<string, string> = {
  'nova-3': 'general medical',
  'nova-2':
    'general meeting phonecall finance conversationalai voicemail video medical drivethru automotive atc',
  nova: 'general phonecall medical',
  enhanced: 'general meeting phonecall finance',
  base: 'general meeting phonecall finance conversationalai voicemail video',
};
const MODELS = new Set(
  Object.entries(MODEL_USES).flatMap(([family, uses]) => [
    family,
    ...uses.split(' ').map((use) => `${family}-${use}`),
  ]),
);
export const NO_SUCH_MODEL = 'No such model/language/tier combination found.';

const BOOLEANS = [
  ...['punctuate', 'smart_format', 'interim_results', 'vad_events', 'no_delay', 'dictation', 'diarize'],
  ...['numerals', 'filler_words', 'profanity_filter', 'mip_opt_out', 'multichannel', 'detect_language'],
];

export interface ListenParameters {
  sampleRate: number;
  /** Silence that makes a result `speech_final`; null when none shall be. */
  endpointingMs: number | null;
  punctuate: boolean;
  interimResults: boolean;
  /** SpeechStarted is sent. */
  vadEvents: boolean;
  /** Null when no UtteranceEnd is asked for. */
  utteranceEndMs: number | null;
}

export type ParameterCheck<Parameters> =
  | { ok: true; parameters: Parameters }
  | { ok: false; message: string };

/** Reads the query of a live request. */
export function listenParameters(query: URLSearchParams): ParameterCheck<ListenParameters> {
  const endpointing = query.get('endpointing') ?? 'true';
  const utteranceEnd = query.get('utterance_end_ms');
  const message =
    modelFault(query) ??
    audioFault(query) ??
    BOOLEANS.map((name) => booleanFault(query, name)).find(Boolean) ??
    (query.get('detect_language') === 'true'
      ? 'detect_language is not supported in live streams'
      : undefined) ??
    (/^(true|false|\d+)$/.test(endpointing) ? undefined : `endpointing=${endpointing} is no whole number`) ??
    (/^\d+$/.test(utteranceEnd ?? '0') ? undefined : `utterance_end_ms=${utteranceEnd} is no whole number`);
  if (message) return { ok: false, message: `Bad Request: ${message}` };
  return {
    ok: true,
    parameters: {
      sampleRate: Number(query.get('sample_rate') ?? LISTEN_SAMPLE_RATE),
      endpointingMs: endpointingMs(endpointing),
      punctuate: wantsPunctuation(query),
      interimResults: query.get('interim_results') === 'true',
      vadEvents: query.get('vad_events') === 'true',
      utteranceEndMs: Number(utteranceEnd ?? 0) || null,
    },
  };
}

/** Capital letters and closing marks are asked for. */
export function wantsPunctuation(query: URLSearchParams): boolean {
  return query.get('punctuate') === 'true' || query.get('smart_format') === 'true';
}

/** What is wrong with the model or the language, or undefined. */
export function modelFault(query: URLSearchParams): string | undefined {
  const model = query.get('model') ?? 'base';
  if (!MODELS.has(model)) return NO_SUCH_MODEL;
  if (query.has('keyterm') && !model.startsWith('nova-3')) return `keyterm is for Nova-3, not for ${model}`;
  if (query.has('keywords') && model.startsWith('nova-3')) {
    return 'keywords are not supported for Nova-3: use keyterm';
  }
  const language = (query.get('language') ?? 'en').toLowerCase();
  if (/^(en(-[a-z0-9]+)?|multi)$/.test(language)) return undefined;
  return `${NO_SUCH_MODEL} The embedded recogniser understands English only, not language=${language}.`;
}

/** What is wrong with the form of the audio, or undefined. */
export function audioFault(query: URLSearchParams): string | undefined {
  const encoding = query.get('encoding') ?? 'linear16';
  if (encoding !== 'linear16') return `the embedded recogniser takes encoding=linear16, not ${encoding}`;
  const channels = query.get('channels') ?? '1';
  if (channels !== '1') return `the embedded recogniser takes channels=1, not ${channels}`;
  if (SAMPLE_RATES.includes(Number(query.get('sample_rate') ?? LISTEN_SAMPLE_RATE))) return undefined;
  return `sample_rate must be one of ${SAMPLE_RATES.join(', ')}`;
}

function booleanFault(query: URLSearchParams, name: string): string | undefined {
  const text = query.get(name) ?? 'true';
  return /^(true|false)$/.test(text) ? undefined : `${name}=${text} is neither true nor false`;
}

function endpointingMs(asked: string): number | null {
  if (asked === 'false') return null;
  return asked === 'true' ? DEFAULT_ENDPOINTING_MS : Number(asked);
}
