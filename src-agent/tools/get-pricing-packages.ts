/** get_pricing_packages(): the time cards on sale. */
import { llm } from '@livekit/agents';
import { z } from 'zod';
import type { StationCaller } from '../station-link.ts';

export const getPricingPackages = (station: StationCaller) =>
  llm.tool({
    name: 'get_pricing_packages',
    description:
      'The time cards on sale with id, name, price and time. Call it whenever prices or packages are asked for.',
    parameters: z.object({}),
    execute: () => station.call({ tool: 'get_pricing_packages', arguments: {} }),
  });
