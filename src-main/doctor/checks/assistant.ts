/** The providers of mind, voice and ears, each asked for a list that costs nothing. */
import { z } from 'zod';
import { DEFAULT_MODELS } from '../../../src-shared/default-models.ts';
import { parseJson } from '../../../src-shared/parse-json.ts';
import type { Settings } from '../../settings/schema.ts';
import { type Answer, ask } from '../ask.ts';
import { type Check, type DoctorContext, type Finding, fail, ok, warn } from '../check.ts';

const OPENAI_BASE_URL = 'https://api.openai.com/v1';
const DAY_MS = 24 * 60 * 60 * 1_000;
/** Time enough to try another model before customers meet the end of this one. */
const WARNED_AHEAD_DAYS = 60;

const modelsSchema = z.object({
  data: z.array(z.object({ id: z.string(), shutdown_date: z.union([z.string(), z.number()]).nullish() })),
});

/** A server with OpenAI's list of models, and what is wanted of it. */
interface ModelServer {
  /** As its findings are headed. */
  name: string;
  base: string;
  key: string;
  /** Setting that holds the key. */
  keyVariable: string;
  used: { variable: string; model: string }[];
}

export const checkAssistant: Check = async (context) => {
  const { settings } = context;
  if (!settings) return [];
  const servers = modelServers(settings);
  const openai = servers.length > 0 ? servers.map(models) : [ok('OpenAI', 'embedded (scripted demo)')];
  return (await Promise.all([...openai, ...deepgram(context)])).flat();
};

interface WantedModel {
  model: string;
  baseUrl?: string | undefined;
  apiKey?: string | undefined;
  /** Setting that names it. */
  variable: string;
}

function wantedModels(settings: Settings): WantedModel[] {
  const { MIND_PROVIDERS: minds, VOICE_PROVIDERS: voices } = settings;
  const plainMind = { model: settings.OPENAI_LLM_MODEL, variable: 'OPENAI_LLM_MODEL' };
  const plainVoice = {
    model: settings.OPENAI_TTS_MODEL ?? DEFAULT_MODELS.OPENAI_TTS_MODEL,
    variable: 'OPENAI_TTS_MODEL',
  };
  const spoken = voices?.filter((entry) => entry.kind === 'openai');
  return [
    ...(minds?.map((entry) => ({ ...entry, variable: 'MIND_PROVIDERS' })) ?? [plainMind]),
    ...(spoken?.map((entry) => ({ ...entry, variable: 'VOICE_PROVIDERS' })) ?? [plainVoice]),
  ];
}

/** Each server once, from the plain settings and from the lists. */
function modelServers(settings: Settings): ModelServer[] {
  const servers = new Map<string, ModelServer>();
  for (const { model, variable, baseUrl, apiKey } of wantedModels(settings)) {
    const key = apiKey ?? settings.OPENAI_API_KEY;
    const base = (baseUrl ?? settings.OPENAI_BASE_URL ?? OPENAI_BASE_URL).replace(/\/$/, '');
    // A server of the operator's own may want no key; OpenAI's does.
    if (!key && base === OPENAI_BASE_URL) continue;
    const server = servers.get(`${base} ${key}`) ?? {
      // Under an address of its own only where a list gives it one.
      name: baseUrl && baseUrl !== OPENAI_BASE_URL ? new URL(base).host : 'OpenAI',
      base,
      key: key ?? 'none',
      keyVariable: apiKey ? variable : 'OPENAI_API_KEY',
      used: [],
    };
    server.used.push({ variable, model });
    servers.set(`${base} ${key}`, server);
  }
  return [...servers.values()];
}

async function models({ name, base, key, keyVariable, used }: ModelServer): Promise<Finding[]> {
  const answer = await ask(`${base}/models`, { authorization: `Bearer ${key}` });
  const refused = refusal(name, keyVariable, base, answer);
  if (refused) return [refused];
  const wanted = used.map(({ model }) => model);
  const known = modelsSchema.safeParse(answer.reached ? parseJson(answer.body) : undefined).data?.data ?? [];
  const missing = wanted.filter((model) => !known.some(({ id }) => id === model));
  const withdrawn = used.flatMap(({ variable, model }) =>
    withdrawal(variable, model, known.find(({ id }) => id === model)?.shutdown_date),
  );
  if (missing.length === 0)
    return [ok(name, `key accepted; ${wanted.join(' and ')} are there`), ...withdrawn];
  const text = `key accepted, but ${missing.join(' and ')} is not in the list of models`;
  const variables = [...new Set(used.map(({ variable }) => variable))].join(' and ');
  return [warn(name, text, `set ${variables} to models of this account`), ...withdrawn];
}

/** That a model will be gone soon, or is. `shutdownDate`: from its maker's list, where that gives one. */
function withdrawal(
  variable: string,
  model: string,
  shutdownDate: string | number | null | undefined,
): Finding[] {
  // A number is seconds since 1970, as everywhere in that API.
  const endsAtMs = typeof shutdownDate === 'number' ? shutdownDate * 1_000 : Date.parse(shutdownDate ?? '');
  const leftMs = endsAtMs - Date.now();
  if (Number.isNaN(leftMs) || leftMs > WARNED_AHEAD_DAYS * DAY_MS) return [];
  const date = new Date(endsAtMs).toISOString().slice(0, 10);
  const remedy = `set ${variable} to another model before that day`;
  return leftMs > 0
    ? [warn('OpenAI', `${model} is withdrawn by OpenAI on ${date}`, remedy)]
    : [fail('OpenAI', `${model} was withdrawn by OpenAI on ${date}`, `set ${variable} to another model`)];
}

function deepgram({ settings }: DoctorContext): Promise<Finding[]>[] {
  const listed = (settings?.VOICE_PROVIDERS ?? []).flatMap((entry) =>
    entry.kind === 'deepgram' && entry.apiKey
      ? [{ key: entry.apiKey, base: entry.baseUrl, variable: 'VOICE_PROVIDERS' }]
      : [],
  );
  const own = settings?.DEEPGRAM_API_KEY;
  const plain = own ? [{ key: own, base: settings?.DEEPGRAM_BASE_URL, variable: 'DEEPGRAM_API_KEY' }] : [];
  const embedded = Promise.resolve([ok('Deepgram', 'embedded (hears few phrases)')]);
  return [
    ...(own ? [] : [embedded]),
    ...[...plain, ...listed].map(async ({ key, base = 'wss://api.deepgram.com', variable }) => {
      const http = base.replace(/^ws/, 'http');
      const answer = await ask(new URL('/v1/projects', http).href, { authorization: `Token ${key}` });
      return [refusal('Deepgram', variable, http, answer) ?? ok('Deepgram', 'key accepted')];
    }),
  ];
}

function refusal(name: string, variable: string, base: string, answer: Answer): Finding | undefined {
  if (!answer.reached) {
    return fail(
      name,
      `${base} can't be reached: ${answer.reason}`,
      'check the address, network and firewall',
    );
  }
  if (answer.status === 401 || answer.status === 403) {
    return fail(name, `${variable} was refused (${answer.status})`, `copy it again from ${name}`);
  }
  if (answer.status === 429)
    return warn(name, 'quota used up (429)', `look at the plan and billing of ${name}`);
  if (answer.status >= 400)
    return warn(name, `answered ${answer.status}`, `look at the status page of ${name}`);
  return undefined;
}
