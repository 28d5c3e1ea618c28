/** What the customer asks for, as events of the machine. Ids are made here, prices looked up here. */
import type { PricingPackage } from '../../src-shared/pricing.ts';
import type { VisitIntent } from '../../src-shared/visit.ts';
import type { VisitEvent } from './events.ts';

/** Intents that are a mere sign of life and leave a shown problem alone. */
const QUIET: ReadonlySet<VisitIntent['type']> = new Set(['stillHere', 'setLocale']);

/** The events of an intent, in order; the first is the sign of life. An unknown package leaves only that. */
export function eventsOf(
  intent: VisitIntent,
  packages: readonly PricingPackage[],
  newId: () => string,
): VisitEvent[] {
  const life: VisitEvent = { type: 'life', clearsProblem: !QUIET.has(intent.type) };
  return [life, ...requested(intent, packages, newId)];
}

function requested(
  intent: VisitIntent,
  packages: readonly PricingPackage[],
  newId: () => string,
): VisitEvent[] {
  switch (intent.type) {
    case 'stillHere':
      return [];
    case 'begin':
      return [{ type: 'begin', visitId: newId() }];
    case 'startTalk':
      return [{ type: 'startTalk', talkId: newId() }];
    case 'choosePackage':
      return choice(intent.packageId, packages, newId);
    case 'openTopUp': {
      const chosen = intent.packageId ? choice(intent.packageId, packages, newId) : [];
      return [{ type: 'openTopUp' }, ...chosen];
    }
    default:
      return [intent];
  }
}

function choice(packageId: string, packages: readonly PricingPackage[], newId: () => string): VisitEvent[] {
  const chosen = packages.find(({ id }) => id === packageId);
  return chosen ? [{ type: 'choosePackage', package: chosen, purchaseId: newId() }] : [];
}
