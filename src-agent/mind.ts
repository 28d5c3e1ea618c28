/** The mind of a talk: chat completions of OpenAI or of a compatible server, with what the model must be sent. */
import * as openai from '@livekit/agents-plugin-openai';
import type { AgentEnvironment } from './environment.ts';

const OPENAI_BASE_URL = 'https://api.openai.com/v1';
const PROBE_TIMEOUT_MS = 2_000;

export function createMind(env: AgentEnvironment): openai.LLM {
  const reasoningEffort = reasoningEffortOf(env.OPENAI_LLM_MODEL);
  return new openai.LLM({
    apiKey: env.OPENAI_API_KEY,
    model: env.OPENAI_LLM_MODEL,
    ...(env.OPENAI_BASE_URL ? { baseURL: env.OPENAI_BASE_URL } : {}),
    ...(reasoningEffort ? { reasoningEffort } : {}),
  });
}

/**
 * What a model is told about thinking before it answers: nobody who talks waits for that. From gpt-6 on OpenAI takes
 * function tools in chat completions only with `none`; models that do not reason (gpt-4.1) refuse the field, and other
 * makers' may not know it. For gpt-5 the framework has its own table.
 */
export function reasoningEffortOf(model: string): 'none' | undefined {
  const generation = Number(/^gpt-(\d+)/.exec(model)?.[1] ?? 0);
  return generation >= 6 ? 'none' : undefined;
}

/** Whether the server of mind and voice answers at all; a compatible one may not know `/models`, and that is fine. */
export async function languageServerAnswers(env: AgentEnvironment): Promise<boolean> {
  try {
    const response = await fetch(`${env.OPENAI_BASE_URL ?? OPENAI_BASE_URL}/models`, {
      headers: { authorization: `Bearer ${env.OPENAI_API_KEY}` },
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response.status < 500;
  } catch {
    return false;
  }
}
