/** The minds of a talk, in the order in which they are asked, each with what its model must and must not be sent. */
import * as openai from '@livekit/agents-plugin-openai';
import OpenAI from 'openai';
import type { MindEntry } from '../../src-shared/providers.ts';
import type { AgentEnvironment } from '../environment.ts';
import type { ProviderName } from './fault.ts';

const OPENAI_BASE_URL = 'https://api.openai.com/v1';

/** One mind as it is asked. */
export interface Mind {
  name: ProviderName;
  /** For one question: the framework tells failures by the model, not by the question, and two may be under way. */
  open(): openai.LLM;
}

export function mindsOf(env: AgentEnvironment): Mind[] {
  return mindEntries(env).map((entry) => {
    const { apiKey = env.OPENAI_API_KEY, baseUrl = env.OPENAI_BASE_URL ?? OPENAI_BASE_URL, model } = entry;
    const { temperature, headers } = entry;
    const reasoningEffort = reasoningEffortOf(entry);
    const client = new OpenAI({
      apiKey,
      baseURL: baseUrl,
      maxRetries: 0,
      ...(headers ? { defaultHeaders: headers } : {}),
    });
    const options = {
      client,
      model,
      ...(temperature === undefined ? {} : { temperature }),
      ...(reasoningEffort ? { reasoningEffort } : {}),
    };
    return {
      name: { role: 'mind', provider: new URL(baseUrl).host, model },
      open: () => new openai.LLM(options),
    };
  });
}

function mindEntries(env: AgentEnvironment): MindEntry[] {
  return env.MIND_PROVIDERS ?? [{ kind: 'openai', model: env.OPENAI_LLM_MODEL }];
}

/**
 * What a model is told about thinking before it answers: nobody who talks waits for that. From gpt-6 on OpenAI takes
 * function tools in chat completions only with `none`; models that do not reason (gpt-4.1) refuse the field, and other
 * makers' may not know it. For gpt-5 the framework has its own table.
 */
export function reasoningEffortOf({
  model,
  reasoningEffort,
}: Pick<MindEntry, 'model' | 'reasoningEffort'>): 'none' | 'minimal' | 'low' | undefined {
  if (reasoningEffort) return reasoningEffort === 'omit' ? undefined : reasoningEffort;
  const generation = Number(/^gpt-(\d+)/.exec(model)?.[1] ?? 0);
  return generation >= 6 ? 'none' : undefined;
}
