/** Models where the operator names none: for the settings of the host, and for an agent that runs alone. */
export const DEFAULT_MODELS = {
  OPENAI_LLM_MODEL: 'gpt-6-luna',
  OPENAI_TTS_MODEL: 'gpt-4o-mini-tts',
  OPENAI_TTS_VOICE: 'alloy',
  DEEPGRAM_MODEL: 'nova-3',
} as const;
