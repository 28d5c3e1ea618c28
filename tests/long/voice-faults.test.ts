/** Each fault of mind and voice in a talk of its own, one provider for each role: told, logged by its kind, healed. */
import { afterAll, afterEach, beforeAll, test, vi } from 'vitest';
import { failsAndHeals } from '../support/talk/talk-fault.ts';
import { startTalkServices, type TalkServices } from '../support/talk/talk-room.ts';

vi.setConfig({ testTimeout: 120_000 });

let services: TalkServices;
beforeAll(async () => {
  services = await startTalkServices();
}, 180_000);
afterEach(() => services.speech.gateway.fault());
afterAll(() => services?.stop());

const FAULTS: readonly [order: object, mind: string | null, voice: string | null][] = [
  [{ kind: 'refuse', status: 401 }, 'refused', 'refused'],
  [{ kind: 'refuse', status: 404 }, 'refused', 'refused'],
  [{ kind: 'refuse', status: 429 }, 'refused', 'refused'],
  [{ kind: 'refuse', status: 500 }, 'refused', 'refused'],
  [{ kind: 'hang' }, 'slow', 'slow'],
  [{ kind: 'slow', delayMs: 9_000, paceMs: 0 }, 'slow', 'slow'],
  [{ kind: 'silent' }, 'empty', 'silent'],
  [{ kind: 'cut' }, 'cut', 'cut'],
];

for (const [order, mind, voice] of FAULTS) {
  const how = JSON.stringify(order);
  if (mind) test(`the mind: ${how}`, () => failsAndHeals(services, 'mind', order, mind));
  if (voice) test(`the voice: ${how}`, () => failsAndHeals(services, 'voice', order, voice));
}
