/** What /health says about the inbox of payment events. */
import type { InboxState } from '../doors/database/events.ts';

/**
 * The line about the webhook inbox. More than a handful waiting means that something keeps failing. What was set aside
 * waits for a person (the host's start does not: readiness.ts knows how this line begins).
 */
export function inboxLine(inbox: InboxState | undefined): string {
  if (inbox === undefined) return 'the event inbox was not read yet: waiting for the database';
  if (inbox.setAside > 0) return `set aside: ${inbox.setAside} payment event(s); see docs/operating.md`;
  if (inbox.waiting <= LARGEST_NORMAL_BACKLOG) return 'ok';
  return `${inbox.waiting} payment events wait to be worked off: see the log`;
}

const LARGEST_NORMAL_BACKLOG = 20;
