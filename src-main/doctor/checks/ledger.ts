/** The books: verify_ledger() of the database finds nothing wrong. Asked where a database can be reached now. */
import { createSupabaseClient } from '../../../src-runtime/supabase-client.ts';
import { localSecrets } from '../../plan/secrets.ts';
import { type Check, type DoctorContext, fail, ok, warn } from '../check.ts';

const NAME = 'Ledger';
const SHOWN = 3;
/** It reads every entry ever made. */
const TIMEOUT_MS = 30_000;

export const checkLedger: Check = async (context) => {
  const database = await reachable(context);
  if (!database) return [];
  const client = createSupabaseClient(database.url, database.serviceKey, { timeoutMs: TIMEOUT_MS });
  const { data, error } = await client.rpc('verify_ledger');
  if (error) {
    return [warn(NAME, `could not be verified: ${error.message}`, 'see Supabase in this list')];
  }
  const problems: { problem: string; subject: string }[] = Array.isArray(data) ? data : [];
  if (problems.length === 0) return [ok(NAME, 'every second and cent adds up')];
  const some = problems.slice(0, SHOWN).map(({ problem, subject }) => `${problem} ${subject}`);
  const more = problems.length > SHOWN ? ` and ${problems.length - SHOWN} more` : '';
  return [
    fail(NAME, `${some.join(', ')}${more}`, 'select * from verify_ledger(); then see docs/time-model.md'),
  ];
};

/** The operator's project, or the embedded database of a station that runs. */
async function reachable(context: DoctorContext): Promise<{ url: string; serviceKey: string } | undefined> {
  const { settings, stationPid, parts, ports, dataDir } = context;
  const { SUPABASE_URL: url, SUPABASE_SERVICE_ROLE_KEY: serviceKey } = settings ?? {};
  if (url && serviceKey) return { url, serviceKey };
  if (!parts.supabase || stationPid === null) return undefined;
  const { supabase } = await localSecrets(dataDir);
  return { url: `http://127.0.0.1:${ports.supabase}`, serviceKey: supabase.serviceRoleKey };
}
