/** The campaign without browser and voice: page and agent are the script. */
import type { CampaignOptions } from './campaign.ts';
import { ScriptedPage } from './page.ts';
import { SHARED_VICTIMS } from './plan.ts';

export const SCRIPTED: Pick<CampaignOptions, 'field' | 'patienceMs' | 'openPage'> = {
  field: { shared: SHARED_VICTIMS, killsWithinMs: 14_000 },
  patienceMs: 45_000,
  openPage: ({ url, launchSecret }) => new ScriptedPage(url, launchSecret),
};
