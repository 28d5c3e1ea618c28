/** What the customer asks for, as events of the machine. Ids are made here, prices looked up here. */
import type { VisitIntent } from '../../src-shared/visit.ts';
import type { VisitEvent } from './events.ts';
import type { World } from './snapshot.ts';

/** Intents that are a mere sign of life and leave a shown problem alone. */
const QUIET: ReadonlySet<VisitIntent['type']> = new Set(['stillHere', 'setLocale']);

/** What is on sale, and in which ways it can be paid. */
type Sales = Pick<World, 'packages' | 'services'>;

/** The events of an intent, in order; the first is the sign of life. An unknown package leaves only that. */
export function eventsOf(intent: VisitIntent, world: Sales, newId: () => string): VisitEvent[] {
  const life: VisitEvent = { type: 'life', clearsProblem: !QUIET.has(intent.type) };
  return [life, ...requested(intent, world, newId)];
}

function requested(intent: VisitIntent, world: Sales, newId: () => string): VisitEvent[] {
  switch (intent.type) {
    case 'stillHere':
      return [];
    case 'begin':
      return [{ type: 'begin', visitId: newId() }];
    case 'startTalk':
      return [{ type: 'startTalk', talkId: newId() }];
    case 'choosePackage':
      return choice(intent.packageId, world, newId);
    case 'chooseWay':
      return [{ type: 'chooseWay', way: intent.way, purchaseId: newId() }];
    case 'openTopUp': {
      const chosen = intent.packageId ? choice(intent.packageId, world, newId) : [];
      return [{ type: 'openTopUp' }, ...chosen];
    }
    default:
      return [intent];
  }
}

function choice(packageId: string, world: Sales, newId: () => string): VisitEvent[] {
  const chosen = world.packages.find(({ id }) => id === packageId);
  const { here, reader } = world.services;
  const way = reader.ok || here.ok ? null : 'phone';
  return chosen ? [{ type: 'choosePackage', package: chosen, purchaseId: newId(), way }] : [];
}
