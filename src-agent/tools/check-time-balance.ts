/** check_time_balance(): how much time the customer has left. */
import { llm } from '@livekit/agents';
import { z } from 'zod';
import type { StationCaller } from '../station-link.ts';

export const checkTimeBalance = (station: StationCaller) =>
  llm.tool({
    name: 'check_time_balance',
    description:
      'How much talking time the customer has left. Call it whenever time or balance is asked for.',
    parameters: z.object({}),
    execute: () => station.call({ tool: 'check_time_balance', arguments: {} }),
  });
