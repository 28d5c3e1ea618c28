/** The agent as processes: its health, and that nothing of it is left behind. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { HEARTBEAT_INTERVAL_MS } from '../../../src-shared/limits.ts';
import { startTalkServices, type TalkServices } from '../../support/talk/talk-room.ts';

vi.setConfig({ testTimeout: 120_000 });

let services: TalkServices;
beforeAll(async () => {
  services = await startTalkServices();
}, 180_000);
afterAll(() => services?.stop());

const until = (check: () => unknown, timeout = 30_000) => vi.waitFor(check, { timeout, interval: 100 });

test('/health is ok, degraded while LiveKit is away, and ok again', async () => {
  // Each part of it is asked once it is there, its providers too.
  const well = { livekit: 'ok', vad: 'ok', ears: 'ok', mind: 'ok', voice: 'ok' };
  await until(async () =>
    expect(await services.agent.health()).toMatchObject({ status: 'ok', service: 'agent', checks: well }),
  );
  await services.livekit.gate.shut();
  await until(async () => expect((await services.agent.health()).status).toBe('degraded'));
  await services.livekit.gate.open();
  await until(async () => expect((await services.agent.health()).status).toBe('ok'), 60_000);
});

test('the job of a talk that is over ends', async () => {
  const customer = await services.talk();
  await customer.untilState('speaking');
  const during = services.agent.descendants();
  await services.closeRoom(customer);
  await until(() => expect(during.filter(isAlive).length).toBeLessThan(during.length));
});

test('a killed worker leaves no process behind, and another one takes the next talk', async () => {
  const customer = await services.talk();
  await customer.untilState('speaking');
  const jobs = services.agent.descendants();
  expect(jobs.length).toBeGreaterThan(0);
  process.kill(services.agent.pid, 'SIGKILL');
  await until(() => expect(jobs.filter(isAlive)).toEqual([]), 5_000);
  const beats = customer.heartbeats.length;
  await new Promise((resolve) => setTimeout(resolve, 2 * HEARTBEAT_INTERVAL_MS));
  expect(customer.heartbeats.length).toBe(beats);
  await services.startAgent();
  const next = await services.talk();
  await next.until(/I am an AI assistant/);
});

/** A process that has ended and waits to be collected (a zombie) counts as gone. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
