/**
 * Who hears, thinks and speaks for the assistant: for each role a list of providers in the order in which they are
 * asked. Here is what one entry may say; the agent reads the lists, and settings and `doctor` check them.
 */
import { z } from 'zod';
import { parseJson } from './parse-json.ts';
import { localeSchema } from './visit.ts';

const httpUrl = z.url({
  protocol: /^https?$/,
  error: 'is not an address; it begins with https:// or http://',
});

const server = {
  /** Absent: the address of the kind's maker. For `openai` with the version at its end, as `https://host/v1`. */
  baseUrl: httpUrl.optional(),
  /** Absent: OPENAI_API_KEY or DEEPGRAM_API_KEY, by the kind. */
  apiKey: z.string().min(1).optional(),
};

/** Chat completions of OpenAI or of any server that has them (Ollama, llama.cpp, vLLM). */
export const mindEntrySchema = z.strictObject({
  kind: z.literal('openai'),
  ...server,
  model: z.string().min(1),
  /** What is said about thinking before the answer; absent: what is known of the model's name. `omit`: nothing at all. */
  reasoningEffort: z.enum(['none', 'minimal', 'low', 'omit']).optional(),
  temperature: z.number().min(0).max(2).optional(),
  headers: z.record(z.string(), z.string()).optional(),
});
export type MindEntry = z.infer<typeof mindEntrySchema>;

const spokenLanguages = z.array(localeSchema).min(1).optional();

export const voiceEntrySchema = z.discriminatedUnion('kind', [
  /** `POST /audio/speech` of OpenAI or of any server that has it. */
  z.strictObject({
    kind: z.literal('openai'),
    ...server,
    model: z.string().min(1),
    voice: z.string().min(1),
    /** What it speaks; absent: every language of the screen. */
    languages: spokenLanguages,
  }),
  /** Deepgram's Aura-2: one model for each language it speaks. */
  z.strictObject({
    kind: z.literal('deepgram'),
    ...server,
    /** Absent: a voice of our choice for each language Aura-2 speaks. */
    models: z.partialRecord(localeSchema, z.string().min(1)).optional(),
  }),
]);
export type VoiceEntry = z.infer<typeof voiceEntrySchema>;

const webSocketUrl = z.string().regex(/^wss?:\/\//, 'must begin with ws:// or wss://');

/** Live speech recognition of Deepgram. */
export const earsEntrySchema = z.discriminatedUnion('kind', [
  /** `/v1/listen`: transcription; the local models judge the end of a turn. */
  z.strictObject({
    kind: z.literal('deepgram'),
    baseUrl: webSocketUrl.optional(),
    apiKey: server.apiKey,
    model: z.string().min(1).default('nova-3'),
  }),
  /** `/v2/listen`: judges the end of a turn itself. */
  z.strictObject({
    kind: z.literal('deepgram-flux'),
    baseUrl: webSocketUrl.optional(),
    apiKey: server.apiKey,
    /** Absent: `flux-general-en` for English, `flux-general-multi` for the others. */
    model: z.string().min(1).optional(),
  }),
]);
export type EarsEntry = z.infer<typeof earsEntrySchema>;

/** The parts of the assistant that somebody else provides. */
export const PROVIDER_ROLES = ['ears', 'mind', 'voice'] as const;
export type ProviderRole = (typeof PROVIDER_ROLES)[number];

/** A list as the operator writes it: JSON in one variable, absent or empty where there is none. */
export function providerList<Entry>(schema: z.ZodType<Entry>) {
  return z
    .string()
    .optional()
    .transform((text, context) => {
      if (!text) return undefined;
      const list = z.array(schema).min(1).safeParse(parseJson(text));
      if (list.success) return list.data;
      const [issue] = list.error.issues;
      const [index, ...path] = issue?.path ?? [];
      const within = path.length > 0 ? ` (${path.join('.')})` : '';
      const where = typeof index === 'number' ? `entry ${index + 1}${within}: ` : '';
      const message = `is not a list of providers: ${where}${issue?.message ?? 'no JSON'}`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    });
}

/** A fault of a provider as it is logged and told: never what was said. */
export const providerFaultSchema = z.object({
  role: z.enum(PROVIDER_ROLES),
  /** Host of the provider's address. */
  provider: z.string(),
  model: z.string(),
  kind: z.enum(['refused', 'unreachable', 'slow', 'cut', 'silent', 'empty', 'garbage']),
  /** Its HTTP status, where it answered one. */
  status: z.number().int().nullable(),
});
export type ProviderFault = z.infer<typeof providerFaultSchema>;
