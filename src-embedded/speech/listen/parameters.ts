/** The query of `/v1/listen`: what is understood, what is accepted without effect, what is refused. Pure. */

/** The acoustic model's rate. */
export const LISTEN_SAMPLE_RATE = 16_000;
/** A shorter silence than this would cut sentences at every breath, whatever the client asks for. */
const SHORTEST_END_SILENCE_MS = 280;
const DEFAULT_END_SILENCE_MS = 320;
const LONGEST_END_SILENCE_MS = 5_000;

export interface ListenParameters {
  sampleRate: number;
  endSilenceMs: number;
  punctuate: boolean;
  interimResults: boolean;
  /** Null when no UtteranceEnd is asked for. */
  utteranceEndMs: number | null;
}

export type ParameterCheck = { ok: true; parameters: ListenParameters } | { ok: false; message: string };

/** Reads the query of a streaming request. */
export function listenParameters(query: URLSearchParams): ParameterCheck {
  const encoding = query.get('encoding') ?? 'linear16';
  if (encoding !== 'linear16') {
    return refused(`the embedded recogniser takes encoding=linear16, not ${encoding}`);
  }
  const channels = query.get('channels') ?? '1';
  if (channels !== '1') return refused(`the embedded recogniser takes channels=1, not ${channels}`);
  const sampleRate = Number(query.get('sample_rate') ?? LISTEN_SAMPLE_RATE);
  if (![8_000, 16_000, 24_000, 32_000, 44_100, 48_000].includes(sampleRate)) {
    return refused('sample_rate must be 8000, 16000, 24000, 32000, 44100 or 48000');
  }
  const language = (query.get('language') ?? 'en').toLowerCase();
  if (!/^(en(-[a-z0-9]+)?|multi)$/.test(language)) {
    return refused(`the embedded recogniser understands English only, not language=${language}`);
  }
  return {
    ok: true,
    parameters: {
      sampleRate,
      endSilenceMs: endSilence(query.get('endpointing')),
      punctuate: query.get('punctuate') === 'true' || query.get('smart_format') === 'true',
      interimResults: query.get('interim_results') === 'true',
      utteranceEndMs: positive(query.get('utterance_end_ms')),
    },
  };
}

function endSilence(asked: string | null): number {
  const wanted = positive(asked) ?? DEFAULT_END_SILENCE_MS;
  return Math.min(LONGEST_END_SILENCE_MS, Math.max(SHORTEST_END_SILENCE_MS, wanted));
}

function positive(text: string | null): number | null {
  const value = Number(text);
  return text !== null && Number.isFinite(value) && value > 0 ? value : null;
}

function refused(message: string): ParameterCheck {
  return { ok: false, message };
}
