/** start_purchase_process(package_id): opens the purchase on the screen while the talk goes on. */
import { llm } from '@livekit/agents';
import { z } from 'zod';
import type { StationCaller } from '../station-link.ts';

export const startPurchaseProcess = (station: StationCaller) =>
  llm.tool({
    name: 'start_purchase_process',
    description:
      'Opens the purchase of a time card on the screen. Call it when the customer says that they want to buy one.',
    parameters: z.object({
      package_id: z.string().describe('id or name of the package, as get_pricing_packages gives it'),
    }),
    execute: ({ package_id }) => station.call({ tool: 'start_purchase_process', arguments: { package_id } }),
  });
