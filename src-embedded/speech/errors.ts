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
