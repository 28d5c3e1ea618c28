/** The operator's OpenAI and Deepgram keys, each asked for a list that costs nothing. */
import { type Answer, ask } from '../ask.ts';
import { type Check, type DoctorContext, type Finding, fail, ok, warn } from '../check.ts';

export const checkAssistant: Check = async (context) =>
  (await Promise.all([openai(context), deepgram(context)])).flat();

async function openai({ settings }: DoctorContext): Promise<Finding[]> {
  const key = settings?.OPENAI_API_KEY;
  if (!key) return settings ? [ok('OpenAI', 'embedded (scripted demo)')] : [];
  const base = (settings.OPENAI_BASE_URL ?? 'https://api.openai.com/v1').replace(/\/$/, '');
  const answer = await ask(`${base}/models`, { authorization: `Bearer ${key}` });
  const refused = refusal('OpenAI', 'OPENAI_API_KEY', base, answer);
  if (refused) return [refused];
  const models = [settings.OPENAI_LLM_MODEL, settings.OPENAI_TTS_MODEL];
  const missing = models.filter((model) => answer.reached && !answer.body.includes(`"${model}"`));
  if (missing.length === 0) return [ok('OpenAI', `key accepted; ${models.join(' and ')} are there`)];
  const text = `key accepted, but ${missing.join(' and ')} is not in the list of models`;
  return [warn('OpenAI', text, 'set OPENAI_LLM_MODEL and OPENAI_TTS_MODEL to models of this account')];
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
