/**
 * The least host: a supervisor with one child, which has a child of its own. Killed by the tests without warning.
 *   node tiny-host.ts DIRECTORY PORT
 */
import { join } from 'node:path';
import { ProcessRecord } from '../../../src-main/supervisor/run-file.ts';
import { Supervisor } from '../../../src-main/supervisor/supervisor.ts';
import { createLogger } from '../../../src-runtime/log.ts';
import { fixtureSpec } from '../processes/supervised.ts';

const [dir = '', port = ''] = process.argv.slice(2);
const spec = fixtureSpec({ dir, port: Number(port), env: { FORK_GRANDCHILD: '1' } });
const record = new ProcessRecord(join(dir, 'run', 'processes.json'));
new Supervisor([spec], record, createLogger({ service: 'tiny-host', level: 'silent' })).start();
