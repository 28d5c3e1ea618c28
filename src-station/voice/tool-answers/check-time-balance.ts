/** check_time_balance(): how much time is left now, by the same clock as the screen. */
import type { ToolResult } from '../../../src-shared/agent-link.ts';
import { spokenDuration } from '../../../src-shared/duration.ts';
import type { ToolFacts } from './facts.ts';

export function checkTimeBalance(facts: ToolFacts): ToolResult {
  const { remainingSeconds, wallet } = facts;
  const cards = wallet?.cards.map(({ name, expiresAt }) => ({ name, expiresAt })) ?? [];
  const spoken =
    remainingSeconds > 0
      ? `You have ${spokenDuration(remainingSeconds)} left.`
      : 'You have no time left. You can buy more here on the screen.';
  return { ok: true, spoken, data: { remainingSeconds, cards } };
}
