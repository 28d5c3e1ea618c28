/** A talk in which a provider fails: what the customer and the log must tell of it, and that the talk heals. */
import { expect } from 'vitest';
import type { StationCall, ToolResult } from '../../../src-shared/agent-link.ts';
import { insist } from '../common/insist.ts';
import type { TalkCustomer } from './talk-customer.ts';
import type { TalkServices } from './talk-room.ts';

export const QUESTION = 'How much time do I have left?';
/** A later leg is greeted with one second of speech instead of six. */
const LEG = 2;

const station = (_call: StationCall): ToolResult => ({
  ok: true,
  spoken: 'You have fifty two minutes left.',
  data: {},
});

/** A customer who was greeted, and has said nothing yet. */
export async function greetedCustomer(services: TalkServices): Promise<TalkCustomer> {
  const customer = await services.talk({ station, job: { leg: LEG } });
  await customer.until(/I am back/);
  await customer.untilQuiet();
  return customer;
}

/** Asks in writing, and waits for the right answer. */
export async function isAnswered(customer: TalkCustomer): Promise<void> {
  await customer.type(QUESTION);
  await customer.until(/fifty two minutes left/);
}

/** Waits until the agent's log names role and kind of a fault in this talk; never a word of it. */
export async function isLogged(
  services: TalkServices,
  customer: TalkCustomer,
  fault: { role: string; kind: string },
): Promise<void> {
  const talkId = customer.roomName.slice('talk-'.length, -`-${LEG}`.length);
  await insist(
    () => {
      const line = services.agent
        .output()
        .split('\n')
        .find((text) => text.includes(talkId) && text.includes(`"role":"${fault.role}"`));
      if (!line) throw new Error(`no fault of the ${fault.role} in the log`);
      expect(JSON.parse(line)).toMatchObject({ ...fault, talkId, model: expect.any(String) });
      expect(line).not.toContain('time do I have');
    },
    { timeout: 20_000, interval: 100 },
  );
}

/**
 * Asked while the provider fails: the clock stands, the log names it; well again, the same talk answers.
 * @param heal takes the fault back, once it was told
 */
export async function failsAndHeals(
  services: TalkServices,
  role: 'mind' | 'voice',
  order: object,
  kind: string,
  heal = () => services.speech.gateway.fault(),
): Promise<void> {
  const customer = await greetedCustomer(services);
  await services.speech.gateway.fault({ role, ...order });
  await customer.type(QUESTION);
  await customer.untilState('failing', 20_000);
  await isLogged(services, customer, { role, kind });
  await heal();
  await customer.until(/I was cut off for a moment/);
  await customer.untilQuiet();
  await isAnswered(customer);
  await customer.leave();
}
