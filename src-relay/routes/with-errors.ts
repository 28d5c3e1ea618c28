/** The answers of a JSON route: the good one, and the uniform refusal for every other status. */
import type { z } from 'zod';
import { relayErrorSchema } from '../../src-shared/relay-api.ts';

export function withErrors<Schema extends z.ZodType>(schema: Schema) {
  return { 200: schema, '4xx': relayErrorSchema, '5xx': relayErrorSchema } as const;
}
