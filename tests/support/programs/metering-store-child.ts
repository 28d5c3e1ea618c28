/**
 * Writes to the usage store as fast as it can and prints the number of each row after `append` returned; made to be
 * killed. The folder comes in STORE_DIR.
 */
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { UsageStore } from '../../../src-station/store/index.ts';
import { TEST_MAC_KEY } from '../station/metering.ts';

const store = new UsageStore({
  dir: process.env['STORE_DIR'] ?? '',
  key: TEST_MAC_KEY,
  wallMs: () => Date.now(),
});
const ids = { talkId: randomUUID(), leaseId: randomUUID(), userId: randomUUID(), visitId: randomUUID() };
for (;;) {
  const [row] = store.append([{ kind: 'tick', ...ids, seconds: 1, note: '', atMs: Date.now() }]);
  writeSync(1, `${store.epoch} ${row?.seq ?? 0}\n`);
}
