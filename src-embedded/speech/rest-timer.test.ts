import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RestTimer } from './rest-timer.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('rests once, a full time after the last touch, and begins anew when touched again', () => {
  const rest = vi.fn();
  const timer = new RestTimer(1_000, rest);
  vi.advanceTimersByTime(5_000);
  expect(rest).not.toHaveBeenCalled();
  timer.touch();
  vi.advanceTimersByTime(999);
  timer.touch();
  vi.advanceTimersByTime(999);
  expect(rest).not.toHaveBeenCalled();
  vi.advanceTimersByTime(5_000);
  expect(rest).toHaveBeenCalledTimes(1);
  timer.touch();
  timer.stop();
  vi.advanceTimersByTime(5_000);
  expect(rest).toHaveBeenCalledTimes(1);
});
