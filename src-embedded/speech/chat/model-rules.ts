/** What a model of OpenAI's refuses, in OpenAI's words; models by other names take what they are given. Pure. */
import { type OpenAiError, openAiError } from '../errors.ts';
import type { ChatRequest } from './schema.ts';

/** Undefined when the model takes the request. */
export function modelRefusal({
  model,
  tools,
  reasoning_effort: effort,
}: ChatRequest): OpenAiError | undefined {
  const generation = Number(/^gpt-(\d+)/.exec(model)?.[1] ?? 0);
  if (generation === 4 && effort) {
    return openAiError('Unrecognized request argument supplied: reasoning_effort');
  }
  if (generation >= 6 && tools?.length && effort !== 'none') {
    return openAiError(
      `Function tools with reasoning_effort are not supported for ${model} in /v1/chat/completions. Please use /v1/responses instead.`,
      { param: 'reasoning_effort' },
    );
  }
  return undefined;
}
