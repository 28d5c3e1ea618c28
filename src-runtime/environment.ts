/**
 * Reading a child's environment: every process declares the variables it takes as one zod object and gets them typed,
 * or stops with one message that names everything missing or wrong. The host is the only writer of these variables
 * (see src-main/children/); nothing else is inherited.
 */
import { z } from 'zod';
import { parseJson } from '../src-shared/parse-json.ts';

/** Variables that the supervisor gives to every child. */
export const processEnvironment = z.object({
  /** Random per spawn; echoed by /health so that a stranger on the port is not taken for the child. */
  MINDBOT_INSTANCE_ID: z.string().min(1).default('standalone'),
  MINDBOT_DATA_DIR: z.string().min(1),
  MINDBOT_LOG_DIR: z.string().min(1).optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  ENVIRONMENT: z.enum(['development', 'test', 'production']).default('development'),
});

export type ProcessEnvironment = z.infer<typeof processEnvironment>;

/** A TCP port given as text. */
export const portVariable = z.coerce.number().int().min(1).max(65535);

/** A variable that holds JSON of the shape `schema`. */
export function jsonVariable<Schema extends z.ZodType>(schema: Schema) {
  return z
    .string()
    .transform((text, context): unknown => {
      const value = parseJson(text);
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message: 'is not JSON' });
      return z.NEVER;
    })
    .pipe(schema);
}

/**
 * Checks `source` against `schema`.
 * @throws Error whose message lists every variable that is missing or wrong, one per line.
 */
export function readEnvironment<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  source: NodeJS.ProcessEnv = process.env,
): z.infer<z.ZodObject<Shape>> {
  const result = schema.safeParse(source);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`This process was started with a wrong environment:\n${lines.join('\n')}`);
}
