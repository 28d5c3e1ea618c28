import { expect, it } from 'vitest';
import type { ChildStatus } from '../supervisor/supervisor.ts';
import { isSettled } from './readiness.ts';

const child = (part: Partial<ChildStatus>): ChildStatus => ({
  name: 'station',
  phase: 'ready',
  status: 'degraded',
  notes: [],
  restarts: 0,
  lastExit: null,
  pid: 1,
  ...part,
});
const NO_VOICE = ['voice: LiveKit does not answer', 'agent: the voice agent is not ready'];

it('a station that lacks nothing but a voice nobody can give is not waited for', () => {
  expect(isSettled(child({ notes: NO_VOICE }), true)).toBe(true);
});

it('a station is waited for while its voice may come, or while anything else is missing', () => {
  expect(isSettled(child({ notes: NO_VOICE }), false)).toBe(false);
  expect(isSettled(child({ notes: [...NO_VOICE, 'database: not reached yet'] }), true)).toBe(false);
  expect(isSettled(child({ name: 'relay', notes: NO_VOICE }), true)).toBe(false);
});

it('a relay that lacks nothing but somebody to look at an event is not waited for', () => {
  const setAside = 'webhooks: set aside: 1 payment event(s); see docs/operating.md';
  expect(isSettled(child({ name: 'relay', notes: [setAside] }), false)).toBe(true);
  expect(isSettled(child({ name: 'relay', notes: [setAside, 'database: away'] }), false)).toBe(false);
  expect(isSettled(child({ name: 'relay' }), false)).toBe(false);
});

it('speech that could not be installed and a child that was given up are not waited for, one that starts is', () => {
  expect(isSettled(child({ name: 'speech' }), false)).toBe(true);
  expect(isSettled(child({ name: 'relay', phase: 'givenUp', status: 'down' }), false)).toBe(true);
  expect(isSettled(child({ phase: 'starting', status: 'down' }), true)).toBe(false);
});

it('an agent whose providers refuse is not waited for, one that is not registered is', () => {
  const refused = 'mind: api.openai.com gpt-4.1-mini: refused (404)';
  expect(isSettled(child({ name: 'agent', notes: [refused] }), false)).toBe(true);
  expect(isSettled(child({ name: 'agent', notes: [refused, 'livekit: starting'] }), false)).toBe(false);
});
