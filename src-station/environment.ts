/** The variables the station takes (docs/contracts.md); the host writes them. */
import { z } from 'zod';
import { jsonVariable, portVariable } from '../src-runtime/environment.ts';
import { deviceAccountSchema } from '../src-shared/relay-api.ts';

const MAC_KEY_BYTES = 32;

export const stationEnvironment = z.object({
  PORT: portVariable,
  SUPABASE_URL: z.url(),
  SUPABASE_ANON_KEY: z.string().min(1),
  RELAY_URL: z.url(),
  LIVEKIT_URL: z.string().regex(/^(wss?|https?):\/\//, 'is not a ws:// or wss:// address'),
  /** Both or none; without them (a kiosk of a fleet) rooms come from the Edge Function. */
  LIVEKIT_API_KEY: z.string().min(1).optional(),
  LIVEKIT_API_SECRET: z.string().min(1).optional(),
  /** Absent where the agent runs on another machine. */
  AGENT_HEALTH_URL: z.url().optional(),
  KIOSK_ACCOUNT: jsonVariable(deviceAccountSchema),
  STORE_MAC_KEY: z
    .string()
    .transform((text) => Buffer.from(text, 'base64url'))
    .refine((key) => key.length >= MAC_KEY_BYTES, 'must be 32 bytes or more in base64url'),
  LAUNCH_SECRET: z.string().min(16),
  PAGE_DIR: z.string().min(1),
  /** Both, or none: a page server on loopback instead of built pages, and the nonce of its inline parts (`npm run dev`). */
  PAGE_SERVER: z.url({ protocol: /^http$/, hostname: /^127\.0\.0\.1$/ }).optional(),
  PAGE_NONCE: z
    .string()
    .regex(/^[\w-]{16,}$/, 'must be 16 letters or more of base64url')
    .optional(),
  /** Origin of the page on which a card may be typed at this computer; empty where that is not offered. */
  PAY_PAGE_ORIGIN: z
    .union([z.literal('').transform(() => null), z.url().transform((url) => new URL(url).origin)])
    .default(null),
  /** Whether time is sold while no provider of mind or voice answers. */
  SELL_WITHOUT_VOICE: z.enum(['on', 'off']).default('off'),
  /** Comma list of parts that are embedded: payments, speech, … */
  EMBEDDED_PARTS: z
    .string()
    .default('')
    .transform((list) => new Set(list.split(',').filter(Boolean))),
});
