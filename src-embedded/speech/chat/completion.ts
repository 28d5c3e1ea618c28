/** Shapes a decision as OpenAI's chat completion, whole or as the chunks of a stream. Pure. */
import type { Decision } from './concierge.ts';

export interface CompletionHead {
  id: string;
  model: string;
  /** Unix seconds. */
  created: number;
}

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

/** Roughly four characters make a token; good enough for a demo that bills nobody. */
export function roughUsage(promptCharacters: number, decision: Decision): Usage {
  const completion =
    decision.type === 'say' ? decision.text : JSON.stringify(decision.arguments) + decision.name;
  const prompt_tokens = Math.ceil(promptCharacters / 4);
  const completion_tokens = Math.ceil(completion.length / 4);
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}

/** The answer to a request without `stream`. */
export function wholeCompletion(
  head: CompletionHead,
  decision: Decision,
  callId: string,
  usage: Usage,
): object {
  const message =
    decision.type === 'say'
      ? { role: 'assistant', content: decision.text, refusal: null }
      : { role: 'assistant', content: null, refusal: null, tool_calls: [toolCall(decision, callId)] };
  return {
    ...head,
    object: 'chat.completion',
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason(decision) }],
    usage,
  };
}

/** The chunks of a stream in order; `usage` makes the last one when asked for. */
export function completionChunks(
  head: CompletionHead,
  decision: Decision,
  callId: string,
  usage: Usage | undefined,
): object[] {
  const chunk = (delta: object, finish: string | null = null) => ({
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  });
  const first = chunk({ role: 'assistant', content: decision.type === 'say' ? '' : null });
  const middle =
    decision.type === 'say'
      ? (decision.text.match(/\s*\S+/g) ?? []).map((content) => chunk({ content }))
      : [chunk({ tool_calls: [{ index: 0, ...toolCall(decision, callId) }] })];
  const last = chunk({}, finishReason(decision));
  const end = usage ? [{ ...head, object: 'chat.completion.chunk', choices: [], usage }] : [];
  return [first, ...middle, last, ...end];
}

function toolCall(decision: Extract<Decision, { type: 'call' }>, id: string) {
  return {
    id,
    type: 'function',
    function: { name: decision.name, arguments: JSON.stringify(decision.arguments) },
  };
}

function finishReason(decision: Decision): string {
  return decision.type === 'say' ? 'stop' : 'tool_calls';
}
