/** get_session_summary(): how long this talk has lasted and what is left. */
import { llm } from '@livekit/agents';
import { z } from 'zod';
import type { StationCaller } from '../station-link.ts';

export const getSessionSummary = (station: StationCaller) =>
  llm.tool({
    name: 'get_session_summary',
    description: 'How long this talk has lasted, how much time it used and how much is left.',
    parameters: z.object({}),
    execute: () => station.call({ tool: 'get_session_summary', arguments: {} }),
  });
