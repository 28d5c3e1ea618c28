/**
 * A station's metering in a process of its own, to be killed in the middle of a talk: reads its set-up as JSON from
 * METERING_SETUP and prints how many seconds it has charged, each after it was counted.
 */
import { z } from 'zod';
import { beginTalk, startMetering, talkFor } from '../station/metering.ts';

const setup = z
  .object({
    storeDir: z.string(),
    url: z.string(),
    anonKey: z.string(),
    account: z.object({ kioskId: z.string(), name: z.string(), email: z.string(), password: z.string() }),
    userId: z.string(),
    visitId: z.string(),
  })
  .parse(JSON.parse(process.env['METERING_SETUP'] ?? '{}'));

const { metering, clock } = await startMetering(setup);
const account = await beginTalk(metering, setup.userId, setup.visitId);
for (;;) {
  await talkFor(clock, account, 1);
  process.stdout.write(`${account.chargedSeconds}\n`);
}
