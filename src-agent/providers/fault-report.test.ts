import { expect, test } from 'vitest';
import { isOwnProcess, openFaultReports } from './fault-report.ts';

test('only who inherited the token is heard', () => {
  expect(isOwnProcess(undefined)).toBe(false);
  openFaultReports();
  const token = process.env['AGENT_FAULT_TOKEN'];
  expect(token).toMatch(/^[0-9a-f]{48}$/);
  expect(isOwnProcess(`Bearer ${token}`)).toBe(true);
  for (const wrong of [undefined, '', 'Bearer ', `Bearer ${token}x`, `Bearer ${'0'.repeat(48)}`]) {
    expect(isOwnProcess(wrong)).toBe(false);
  }
});
