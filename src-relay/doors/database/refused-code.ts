/** How the database refuses a code, of a card or of an enrolment. */
import { z } from 'zod';

export const refusedCodeSchema = z.object({
  ok: z.literal(false),
  error: z.enum(['code_not_accepted', 'too_many_tries']),
});
