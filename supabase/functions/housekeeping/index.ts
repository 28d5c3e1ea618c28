/**
 * POST housekeeping: what a relay does by itself from time to time, for a fleet without one: reads Stripe's own list of
 * events for those whose webhooks were lost, works off the inbox, marks expired cards, gives back what silent kiosks
 * held, throws away what is old. Called by the project's own schedule with a secret key (docs/fleet.md). Twice at once
 * does no harm.
 */
import { keepHouse } from '../../../src-relay/cards/housekeeping.ts';
import { refusals } from '../../../src-relay/model/errors.ts';
import { createEventInbox } from '../../../src-relay/webhooks/event-inbox.ts';
import { databaseCursor, sweepOnce } from '../../../src-relay/webhooks/sweep.ts';
import { workOffInbox } from '../../../src-relay/webhooks/webhook-worker.ts';
import { parts } from '../_shared/parts.ts';
import { serveFunction } from '../_shared/serve.ts';

const inbox = createEventInbox(parts.events, { wake: () => undefined });
const cursor = databaseCursor(parts.events, parts.stripeKey);

serveFunction('housekeeping', '/housekeeping', {
  'POST /housekeeping': async ({ headers }) => {
    if (!parts.projectKeys.isOwnCall(headers)) throw refusals.unauthorized();
    const foundEvents = await sweepOnce({ ...parts, inbox, cursor });
    await workOffInbox(parts);
    const { setAside: setAsideEvents } = await parts.events.state();
    return { foundEvents, setAsideEvents, ...(await keepHouse(parts)) };
  },
});
