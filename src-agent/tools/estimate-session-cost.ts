/** estimate_session_cost(): what this talk has cost so far. */
import { llm } from '@livekit/agents';
import { z } from 'zod';
import type { StationCaller } from '../station-link.ts';

export const estimateSessionCost = (station: StationCaller) =>
  llm.tool({
    name: 'estimate_session_cost',
    description:
      'What this talk has cost so far, in time and money. Call it when the cost of the talk is asked for.',
    parameters: z.object({}),
    execute: () => station.call({ tool: 'estimate_session_cost', arguments: {} }),
  });
