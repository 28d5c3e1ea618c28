/** The operator's OpenAI and Deepgram keys, each asked for a list that costs nothing. */
import { z } from 'zod';
import { DEFAULT_MODELS } from '../../../src-shared/default-models.ts';
import { parseJson } from '../../../src-shared/parse-json.ts';
import { type Answer, ask } from '../ask.ts';
import { type Check, type DoctorContext, type Finding, fail, ok, warn } from '../check.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
/** Time enough to try another model before customers meet the end of this one. */
const WARNED_AHEAD_DAYS = 60;

const modelsSchema = z.object({
  data: z.array(z.object({ id: z.string(), shutdown_date: z.union([z.string(), z.number()]).nullish() })),
});

export const checkAssistant: Check = async (context) =>
  (await Promise.all([openai(context), deepgram(context)])).flat();

async function openai({ settings }: DoctorContext): Promise<Finding[]> {
  const key = settings?.OPENAI_API_KEY;
  if (!key) return settings ? [ok('OpenAI', 'embedded (scripted demo)')] : [];
  const base = (settings.OPENAI_BASE_URL ?? 'https://api.openai.com/v1').replace(/\/$/, '');
  const answer = await ask(`${base}/models`, { authorization: `Bearer ${key}` });
  const refused = refusal('OpenAI', 'OPENAI_API_KEY', base, answer);
  if (refused) return [refused];
  const used = {
    OPENAI_LLM_MODEL: settings.OPENAI_LLM_MODEL,
    OPENAI_TTS_MODEL: settings.OPENAI_TTS_MODEL ?? DEFAULT_MODELS.OPENAI_TTS_MODEL,
  };
  const models = Object.values(used);
  const known = modelsSchema.safeParse(answer.reached ? parseJson(answer.body) : undefined).data?.data ?? [];
  const missing = models.filter((model) => !known.some(({ id }) => id === model));
  const withdrawn = Object.entries(used).flatMap(([variable, model]) =>
    withdrawal(variable, model, known.find(({ id }) => id === model)?.shutdown_date),
  );
  if (missing.length === 0)
    return [ok('OpenAI', `key accepted; ${models.join(' and ')} are there`), ...withdrawn];
  const text = `key accepted, but ${missing.join(' and ')} is not in the list of models`;
  const remedy = 'set OPENAI_LLM_MODEL and OPENAI_TTS_MODEL to models of this account';
  return [warn('OpenAI', text, remedy), ...withdrawn];
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

async function deepgram({ settings }: DoctorContext): Promise<Finding[]> {
  const key = settings?.DEEPGRAM_API_KEY;
  if (!key) return settings ? [ok('Deepgram', 'embedded (hears few phrases)')] : [];
  const base = (settings.DEEPGRAM_BASE_URL ?? 'wss://api.deepgram.com').replace(/^ws/, 'http');
  const answer = await ask(new URL('/v1/projects', base).href, { authorization: `Token ${key}` });
  return [refusal('Deepgram', 'DEEPGRAM_API_KEY', base, answer) ?? ok('Deepgram', 'key accepted')];
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
