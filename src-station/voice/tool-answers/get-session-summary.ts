/** get_session_summary(): this talk in figures. What was said is the assistant's own to sum up; it has the words. */
import type { ToolResult } from '../../../src-shared/agent-link.ts';
import { spokenDuration } from '../../../src-shared/duration.ts';
import type { ToolFacts } from './facts.ts';

export function getSessionSummary(facts: ToolFacts): ToolResult {
  const { chargedSeconds, remainingSeconds, customerTurns, assistantTurns } = facts;
  const times = `${customerTurns} time${customerTurns === 1 ? '' : 's'}`;
  return {
    ok: true,
    spoken: `We have talked for ${spokenDuration(chargedSeconds)}. You spoke ${times}. You have ${spokenDuration(remainingSeconds)} left.`,
    data: { chargedSeconds, remainingSeconds, customerTurns, assistantTurns },
  };
}
