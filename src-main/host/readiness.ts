/**
 * Waiting for children at a start, and when a start need not wait longer for one that is not well: waiting does not
 * bring what could not be installed.
 */
import { PROVIDER_ROLES } from '../../src-shared/providers.ts';
import type { ChildStatus, Supervisor } from '../supervisor/supervisor.ts';

/** How long a start may take once everything is installed; after that what is missing is named and the rest runs. */
const READY_TIMEOUT_MS = 90_000;

/** The station's checks that fail for good where there is no LiveKit server: its notes begin with these. */
const VOICE_NOTES = ['voice: ', 'agent: '];

/** The agent's providers, each asked in the form of a talk: what they refuse now they refuse in a minute too. */
const PROVIDER_NOTES = PROVIDER_ROLES.map((role) => `${role}: `);

/** What of the relay waits for a person: its notes begin with these (src-relay/webhooks/inbox-line.ts). */
const FOR_A_PERSON = ['webhooks: set aside'];

/**
 * Whether waiting for `child` is over although it is not `ok`.
 * @param lacksVoice no LiveKit server could be had, so neither it nor the agent was started
 */
export function isSettled(child: ChildStatus, lacksVoice: boolean): boolean {
  if (child.phase === 'givenUp') return true;
  if (child.status !== 'degraded') return false;
  if (child.name === 'speech') return true;
  if (child.name === 'agent') return allNotes(child, PROVIDER_NOTES);
  if (child.name === 'relay') return allNotes(child, FOR_A_PERSON);
  return child.name === 'station' && lacksVoice && allNotes(child, VOICE_NOTES);
}

function allNotes({ notes }: ChildStatus, starts: readonly string[]): boolean {
  return notes.length > 0 && notes.every((note) => starts.some((start) => note.startsWith(start)));
}

/** Resolves when `condition` holds after a change of any child, or after READY_TIMEOUT_MS. */
export function until(supervisor: Supervisor, condition: () => boolean): Promise<void> {
  return new Promise((done) => {
    const finish = () => {
      clearTimeout(timer);
      end();
      done();
    };
    const end = supervisor.onChange(() => condition() && finish());
    const timer = setTimeout(finish, READY_TIMEOUT_MS);
    if (condition()) finish();
  });
}
