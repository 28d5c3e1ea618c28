/** The query of `/v2/listen`, Deepgram's Flux: what is understood, what is accepted without effect, what is refused. Pure. */
import { audioFault, LISTEN_SAMPLE_RATE, NO_SUCH_MODEL, type ParameterCheck } from './parameters.ts';

const MODELS = ['flux-general-en', 'flux-general-multi'];
/** As documented; a threshold of 1 leaves the end of a turn to its timeout. */
const THRESHOLD = { least: 0.5, most: 1, default: 0.7 };
const EAGER_THRESHOLD = { least: 0.3, most: 0.9 };
const TIMEOUT_MS = { least: 500, most: 60_000, default: 5_000 };

export interface FluxParameters {
  sampleRate: number;
  /** Confidence that ends a turn. */
  endThreshold: number;
  /** Confidence that is told as an early end; undefined tells none. */
  eagerThreshold: number | undefined;
  /** Silence that ends a turn whatever the confidence. */
  timeoutMs: number;
}

/** Reads the query of a live request. */
export function fluxParameters(query: URLSearchParams): ParameterCheck<FluxParameters> {
  const end = Number(query.get('eot_threshold') ?? THRESHOLD.default);
  const eager = query.has('eager_eot_threshold') ? Number(query.get('eager_eot_threshold')) : undefined;
  const timeoutMs = Number(query.get('eot_timeout_ms') ?? TIMEOUT_MS.default);
  const message =
    (MODELS.includes(query.get('model') ?? '') ? undefined : NO_SUCH_MODEL) ??
    (query.has('language') ? 'language is not a parameter of Flux: name it by the model' : undefined) ??
    audioFault(query) ??
    rangeFault('eot_threshold', end, THRESHOLD) ??
    (eager === undefined ? undefined : rangeFault('eager_eot_threshold', eager, EAGER_THRESHOLD)) ??
    (eager !== undefined && eager > end
      ? 'eager_eot_threshold must not be above eot_threshold'
      : undefined) ??
    rangeFault('eot_timeout_ms', timeoutMs, TIMEOUT_MS);
  if (message) return { ok: false, message: `Bad Request: ${message}` };
  const sampleRate = Number(query.get('sample_rate') ?? LISTEN_SAMPLE_RATE);
  return { ok: true, parameters: { sampleRate, endThreshold: end, eagerThreshold: eager, timeoutMs } };
}

function rangeFault(name: string, value: number, range: { least: number; most: number }): string | undefined {
  if (value >= range.least && value <= range.most) return undefined;
  return `${name} must be from ${range.least} to ${range.most}`;
}
