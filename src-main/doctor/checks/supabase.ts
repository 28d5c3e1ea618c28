/** The operator's Supabase project: reached, keys accepted, migrations applied. */

import { createSupabaseClient, type ProductClient } from '../../../src-runtime/supabase-client.ts';
import { ask } from '../ask.ts';
import { type Check, type Finding, fail, ok } from '../check.ts';

const NAME = 'Supabase';

export const checkSupabase: Check = async ({ settings }) => {
  const {
    SUPABASE_URL: url,
    SUPABASE_ANON_KEY: anonKey,
    SUPABASE_SERVICE_ROLE_KEY: serviceKey,
  } = settings ?? {};
  if (!url || !anonKey) return settings ? [ok(NAME, 'embedded')] : [];
  const reached = await ask(`${url.replace(/\/$/, '')}/auth/v1/health`, { apikey: anonKey });
  if (!reached.reached) {
    return [fail(NAME, `${url} can't be reached: ${reached.reason}`, 'check SUPABASE_URL and the network')];
  }
  const [packages, service] = await Promise.all([
    packageList(createSupabaseClient(url, anonKey)),
    // A kiosk of a fleet has none.
    serviceKey ? serviceRole(url, serviceKey) : undefined,
  ]);
  return service ? [packages, service] : [packages];
};

async function packageList(supabase: ProductClient): Promise<Finding> {
  const { data, error, status } = await supabase.rpc('list_packages');
  if (!error) {
    const count = Array.isArray(data) ? data.length : 0;
    return count > 0
      ? ok(NAME, `reached; ${count} packages for sale`)
      : fail(
          NAME,
          'there are no packages for sale',
          'run: npx supabase db push --remote --include-seed (docs/operating.md)',
        );
  }
  if (status === 401) return fail(NAME, 'SUPABASE_ANON_KEY was refused', 'copy it again from the dashboard');
  return fail(
    NAME,
    `the product's tables are not there (${error.message})`,
    'run: npx supabase db push --remote (docs/operating.md)',
  );
}

async function serviceRole(url: string, key: string): Promise<Finding> {
  const { error } = await createSupabaseClient(url, key).auth.admin.listUsers({ page: 1, perPage: 1 });
  if (!error) return ok(NAME, 'SUPABASE_SERVICE_ROLE_KEY accepted');
  return fail(
    NAME,
    `SUPABASE_SERVICE_ROLE_KEY was refused (${error.message})`,
    'copy it again from the dashboard',
  );
}
