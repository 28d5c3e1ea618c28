/** All that the relay asks of the database, by subject. */
import type { ProductClient } from '../../../src-runtime/supabase-client.ts';
import { createCards } from './cards.ts';
import { createEvents } from './events.ts';
import { createKiosks } from './kiosks.ts';
import { createPurchases } from './purchases.ts';
import { createUpkeep } from './upkeep.ts';
import { createWallets } from './wallets.ts';

export function createDatabase(client: ProductClient) {
  return {
    cards: createCards(client),
    events: createEvents(client),
    kiosks: createKiosks(client),
    purchases: createPurchases(client),
    upkeep: createUpkeep(client),
    wallets: createWallets(client),
  };
}
