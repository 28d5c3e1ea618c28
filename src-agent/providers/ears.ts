/** The recognisers of a talk, in the order in which they are asked. */
import type { EarsEntry } from '../../src-shared/providers.ts';
import type { Locale } from '../../src-shared/visit.ts';
import type { AgentEnvironment } from '../environment.ts';
import type { EarsWire } from '../speech/ears-wire.ts';
import { fluxWire } from '../speech/flux-wire.ts';
import { novaWire } from '../speech/nova-wire.ts';

/** What Flux understands of the languages of the screen (developers.deepgram.com/docs/flux/language-prompting). */
const FLUX_LANGUAGES: readonly Locale[] = ['en', 'de', 'fr', 'es'];

export interface Ears {
  /** At least one. */
  wires: EarsWire[];
  /** The first of them says itself when a turn is over. */
  judgeTurns: boolean;
}

/**
 * The recognisers for this language.
 * @param hasLocalModels whether this machine can judge the end of a turn by itself
 */
export function earsFor(env: AgentEnvironment, language: Locale, hasLocalModels: boolean): Ears {
  const able = earsEntries(env).filter(
    ({ kind }) => kind !== 'deepgram-flux' || FLUX_LANGUAGES.includes(language),
  );
  // A list of Flux alone hears an Arab badly, and nobody else does at all.
  const entries = able.length > 0 ? able : earsEntries(env);
  const judgeTurns = entries[0]?.kind === 'deepgram-flux';
  const endsTurns = judgeTurns || !hasLocalModels;
  return { wires: entries.map((entry) => wireOf(entry, env, language, endsTurns)), judgeTurns };
}

function earsEntries(env: AgentEnvironment): EarsEntry[] {
  return env.EARS_PROVIDERS ?? [{ kind: 'deepgram', model: env.DEEPGRAM_MODEL }];
}

function wireOf(entry: EarsEntry, env: AgentEnvironment, language: Locale, endsTurns: boolean): EarsWire {
  const { apiKey = env.DEEPGRAM_API_KEY, baseUrl = env.DEEPGRAM_BASE_URL } = entry;
  const options = { apiKey, baseUrl, language: language === 'en' ? 'en-US' : language };
  if (entry.kind === 'deepgram') return novaWire({ ...options, model: entry.model, endsTurns });
  const model = entry.model ?? (language === 'en' ? 'flux-general-en' : 'flux-general-multi');
  return fluxWire({ ...options, model });
}
