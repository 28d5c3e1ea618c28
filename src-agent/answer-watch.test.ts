import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AnswerWatch } from './answer-watch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** How often it was told that nothing was said, after these states. */
function told(...states: string[]): number {
  const nothingSaid = vi.fn();
  const watch = new AnswerWatch(nothingSaid);
  for (const state of states) {
    if (state === 'customer') watch.excuse();
    else watch.agentIs(state);
    vi.advanceTimersByTime(500);
  }
  vi.advanceTimersByTime(60_000);
  return nothingSaid.mock.calls.length;
}

test('an assistant that thinks and then only listens has said nothing, once', () => {
  expect(told('listening', 'thinking', 'listening')).toBe(1);
  expect(told('thinking', 'listening', 'listening', 'thinking', 'idle')).toBe(1);
});

test('one that speaks, thinks on after a tool, or is interrupted owes nothing', () => {
  expect(told('thinking', 'speaking', 'listening')).toBe(0);
  expect(told('thinking', 'listening', 'thinking', 'speaking', 'listening')).toBe(0);
  expect(told('thinking', 'customer', 'listening')).toBe(0);
  expect(told('listening', 'idle', 'listening')).toBe(0);
});
