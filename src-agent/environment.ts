/** The variables the agent takes (docs/contracts.md); read by the worker and, inherited, by each of its job processes. */
import { z } from 'zod';
import { portVariable, readEnvironment } from '../src-runtime/environment.ts';
import { DEFAULT_MODELS } from '../src-shared/default-models.ts';
import { earsEntrySchema, mindEntrySchema, providerList, voiceEntrySchema } from '../src-shared/providers.ts';

/** An address that may be empty: empty means the provider's own. */
const baseUrl = z
  .string()
  .transform((text) => (text === '' ? undefined : text))
  .optional();

export const agentEnvironment = z.object({
  HEALTH_CHECK_PORT: portVariable,
  AGENT_WORKER_PORT: portVariable,
  LIVEKIT_URL: z.string().min(1),
  LIVEKIT_API_KEY: z.string().min(1),
  LIVEKIT_API_SECRET: z.string().min(1),
  OPENAI_API_KEY: z.string().min(1),
  OPENAI_BASE_URL: baseUrl,
  /** Ears, minds and voices in the order in which they are asked; instead of the plain settings below. */
  EARS_PROVIDERS: providerList(earsEntrySchema),
  MIND_PROVIDERS: providerList(mindEntrySchema),
  VOICE_PROVIDERS: providerList(voiceEntrySchema),
  OPENAI_LLM_MODEL: z.string().min(1).default(DEFAULT_MODELS.OPENAI_LLM_MODEL),
  /** Whose voice speaks, where both speak the language. */
  TTS_PROVIDER: z.enum(['openai', 'deepgram']).default('openai'),
  OPENAI_TTS_MODEL: z.string().min(1).default(DEFAULT_MODELS.OPENAI_TTS_MODEL),
  OPENAI_TTS_VOICE: z.string().min(1).default(DEFAULT_MODELS.OPENAI_TTS_VOICE),
  DEEPGRAM_API_KEY: z.string().min(1),
  DEEPGRAM_BASE_URL: baseUrl,
  DEEPGRAM_MODEL: z.string().min(1).default(DEFAULT_MODELS.DEEPGRAM_MODEL),
});

export type AgentEnvironment = z.infer<typeof agentEnvironment>;

/** The agent's variables of this process. @throws Error naming what is missing */
export function readAgentEnvironment(): AgentEnvironment {
  return readEnvironment(agentEnvironment);
}
