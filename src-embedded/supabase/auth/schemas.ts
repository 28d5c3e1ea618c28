/** Bodies that the Auth API takes. Unknown fields are refused, not skipped: the client may rely on them. */
import { z } from 'zod';
import { validationFailed } from './errors.ts';

/** supabase-js sends these with every form; nothing here uses captchas or PKCE, so they must be empty. */
const clientExtras = {
  gotrue_meta_security: z.strictObject({ captcha_token: z.null().optional() }).optional(),
  code_challenge: z.null().optional(),
  code_challenge_method: z.null().optional(),
};

const email = z
  .string()
  .trim()
  .toLowerCase()
  .pipe(z.email('Unable to validate email address: invalid format').max(255));
const password = z.string().max(200);
const metadata = z.record(z.string(), z.unknown());

/** The longest password that Supabase takes, and its shortest by default. */
export const PASSWORD_MAX_CHARACTERS = 72;
export const PASSWORD_MIN_CHARACTERS = 6;

export const signupSchema = z.strictObject({
  ...clientExtras,
  email: email.optional(),
  password: password.optional(),
  data: metadata.optional(),
});
export const passwordGrantSchema = z.strictObject({ ...clientExtras, email, password });
export const refreshGrantSchema = z.strictObject({ refresh_token: z.string().min(1).max(200) });
export const changeUserSchema = z.strictObject({
  ...clientExtras,
  email: email.optional(),
  password: password.optional(),
  data: metadata.optional(),
});
export const otpSchema = z.strictObject({
  ...clientExtras,
  email,
  data: metadata.optional(),
  create_user: z.boolean().default(true),
});
export const verifySchema = z.strictObject({
  ...clientExtras,
  type: z.enum(['email', 'magiclink', 'signup']),
  email,
  token: z.string().regex(/^\d{6}$/, 'the code has 6 digits'),
  options: z.strictObject({}).optional(),
});
/** `none` lifts a ban; otherwise whole hours, as in `876000h`. */
const banDuration = z
  .string()
  .regex(/^(none|\d{1,7}h)$/, 'ban_duration must be "none" or hours such as "24h"');
export const adminCreateSchema = z.strictObject({
  id: z.uuid().optional(),
  email,
  password: password.optional(),
  email_confirm: z.boolean().optional(),
  app_metadata: metadata.optional(),
  user_metadata: metadata.optional(),
  ban_duration: banDuration.optional(),
});
export const adminUpdateSchema = adminCreateSchema.omit({ id: true }).partial();
export const adminDeleteSchema = z.strictObject({ should_soft_delete: z.literal(false).optional() });
export const pageSchema = z.object({
  page: z.coerce.number().int().min(1).max(1_000_000),
  per_page: z.coerce.number().int().min(1).max(1_000),
});

/** @throws AuthError (400) naming every field that is wrong */
export function parseBody<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join('.')}: ${message}` : message,
  );
  throw validationFailed(problems.join('; '));
}
