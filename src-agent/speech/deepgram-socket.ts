/** What all of Deepgram's live speech recognition wants of who connects to it (developers.deepgram.com). Pure. */
import type { ProviderName } from '../providers/fault.ts';
import { LISTEN_SAMPLE_RATE_HZ } from './ears-wire.ts';

const DEFAULT_BASE_URL = 'wss://api.deepgram.com';

export interface DeepgramOptions {
  apiKey: string;
  /** ws:// or wss:// address without path; undefined is Deepgram itself. */
  baseUrl: string | undefined;
  model: string;
  /** For example `en-US` or `de`. */
  language: string;
}

/** @param query what is asked for besides the model and the form of the sound */
export function deepgramSocket(
  path: string,
  { apiKey, baseUrl = DEFAULT_BASE_URL, model, language }: DeepgramOptions,
  query: Readonly<Record<string, string | number | boolean>>,
) {
  const url = new URL(path, baseUrl);
  const whole = {
    model,
    encoding: 'linear16',
    sample_rate: LISTEN_SAMPLE_RATE_HZ,
    // What is said here is nobody's training material.
    mip_opt_out: true,
    ...query,
  };
  for (const [name, value] of Object.entries(whole)) url.searchParams.set(name, String(value));
  const name: ProviderName = { role: 'ears', provider: url.host, model };
  return {
    name,
    url,
    headers: { authorization: `Token ${apiKey}` },
    language,
    closing: JSON.stringify({ type: 'CloseStream' }),
  };
}
