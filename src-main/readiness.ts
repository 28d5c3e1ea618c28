/**
 * When a start need not wait longer for a child that is not well: waiting does not bring what could not be installed.
 */
import type { ChildStatus } from './supervisor/supervisor.ts';

/** The station's checks that fail for good where there is no LiveKit server: its notes begin with these. */
const VOICE_NOTES = ['voice: ', 'agent: '];

/**
 * Whether waiting for `child` is over although it is not `ok`.
 * @param lacksVoice no LiveKit server could be had, so neither it nor the agent was started
 */
export function isSettled(child: ChildStatus, lacksVoice: boolean): boolean {
  if (child.phase === 'givenUp') return true;
  if (child.status !== 'degraded') return false;
  if (child.name === 'speech') return true;
  const onlyVoice = child.notes.every((note) => VOICE_NOTES.some((start) => note.startsWith(start)));
  return child.name === 'station' && lacksVoice && onlyVoice;
}
