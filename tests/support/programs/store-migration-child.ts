/**
 * Opens the store's file in STORE_DIR under a schema whose last step kills this very process, as a power cut in the
 * middle of a migration does: all but the last statement are done, nothing is committed.
 */
import { join } from 'node:path';
import { openDurable } from '../../../src-station/store/connection.ts';
import { migrate, STEPS } from '../../../src-station/store/schema.ts';

const database = openDurable(join(process.env['STORE_DIR'] ?? '', 'usage.sqlite'));
database.function('die', () => {
  process.kill(process.pid, 'SIGKILL');
  return 0;
});
migrate(database, [
  ...STEPS,
  `ALTER TABLE usage_rows ADD COLUMN later TEXT; DELETE FROM usage_rows; SELECT die()`,
]);
