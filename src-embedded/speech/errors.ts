/** Errors as the two providers word them, so that their clients show our reason. Pure. */

export interface OpenAiError {
  error: { message: string; type: string; param: string | null; code: string | null };
}

/** An error object of the OpenAI API. */
export function openAiError(
  message: string,
  options: { type?: string; param?: string; code?: string } = {},
): OpenAiError {
  return {
    error: {
      message,
      type: options.type ?? 'invalid_request_error',
      param: options.param ?? null,
      code: options.code ?? null,
    },
  };
}

export interface DeepgramError {
  err_code: string;
  err_msg: string;
  request_id: string;
}

/** An error object of the Deepgram API. */
export function deepgramError(code: string, message: string, requestId: string): DeepgramError {
  return { err_code: code, err_msg: message, request_id: requestId };
}

/** A status that a provider answers with when it will not serve. */
export type RefusalStatus = 401 | 404 | 429 | 500;

const OPENAI_REFUSALS: Record<RefusalStatus, OpenAiError> = {
  401: openAiError(
    'Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys.',
    { code: 'invalid_api_key' },
  ),
  404: openAiError('The model does not exist or you do not have access to it.', { code: 'model_not_found' }),
  429: openAiError('You exceeded your current quota, please check your plan and billing details.', {
    type: 'insufficient_quota',
    code: 'insufficient_quota',
  }),
  500: openAiError('The server had an error while processing your request. Sorry about that!', {
    type: 'server_error',
  }),
};

/** OpenAI's body for a status. */
export function openAiRefusal(status: RefusalStatus): OpenAiError {
  return OPENAI_REFUSALS[status];
}

const DEEPGRAM_REFUSALS: Record<RefusalStatus, [code: string, message: string]> = {
  401: ['INVALID_AUTH', 'Invalid credentials.'],
  404: ['NOT_FOUND', 'Not found.'],
  429: ['TOO_MANY_REQUESTS', 'Too many requests. Please try again later'],
  500: ['INTERNAL_SERVER_ERROR', 'Internal server error.'],
};

/** Deepgram's body for a status. */
export function deepgramRefusal(status: RefusalStatus, requestId: string): DeepgramError {
  return deepgramError(...DEEPGRAM_REFUSALS[status], requestId);
}
