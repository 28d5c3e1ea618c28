/** The books: verify_ledger() of the database, which names everything that does not add up. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@supabase/supabase-js';
import { z } from 'zod';
import { type Check, type DoctorContext, fail, ok } from '../check.ts';

const NAME = 'Ledger';
const SHOWN = 3;

const problemsSchema = z.array(z.object({ problem: z.string(), subject: z.string() }));

export const checkLedger: Check = async (context) => {
  const service = serviceOf(context);
  if (!service) return [];
  const client = createClient(service.url, service.key, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const { data, error } = await client.rpc('verify_ledger');
  if (error) return [fail(NAME, `could not be verified: ${error.message}`, 'see the line Supabase')];
  const problems = problemsSchema.parse(data);
  if (problems.length === 0) return [ok(NAME, 'every second and cent is accounted for')];
  const shown = problems.slice(0, SHOWN).map(({ problem, subject }) => `${problem} (${subject})`);
  return [
    fail(
      NAME,
      `${problems.length} things do not add up: ${shown.join(', ')}`,
      'run select * from verify_ledger() in the SQL editor and call for support; sell nothing meanwhile',
    ),
  ];
};

/** Who may ask: the operator's own service role, or that of the embedded database while it runs. */
function serviceOf({ settings, stationPid, dataDir, ports }: DoctorContext) {
  if (settings?.SUPABASE_URL && settings.SUPABASE_SERVICE_ROLE_KEY)
    return { url: settings.SUPABASE_URL, key: settings.SUPABASE_SERVICE_ROLE_KEY };
  const file = join(dataDir, 'secrets', 'local.json');
  if (settings?.SUPABASE_URL || stationPid === null || !existsSync(file)) return undefined;
  const secrets = z
    .object({ supabase: z.object({ serviceRoleKey: z.string() }) })
    .parse(JSON.parse(readFileSync(file, 'utf8')));
  return { url: `http://127.0.0.1:${ports.supabase}`, key: secrets.supabase.serviceRoleKey };
}
