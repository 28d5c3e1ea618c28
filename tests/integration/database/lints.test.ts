/** The lints of supabase/splinter that matter here, and two of our own, over every table, function and policy. */
import { expect, it } from 'vitest';
import { onBothVersions } from '../../support/database/database-kit.ts';

/** Each query lists offenders, after the lint of the same name in supabase/splinter. */
const LINTS: Readonly<Record<string, string>> = {
  rls_disabled_in_public: `select relname as found from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relrowsecurity`,
  function_search_path_mutable: `select proname as found from pg_proc
    where pronamespace in ('public'::regnamespace, 'app'::regnamespace)
      and not coalesce('search_path=""' = any (proconfig), false)`,
  security_definer_view: `select relname as found from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'v'
      and not coalesce(array_to_string(reloptions, ',') like '%security_invoker%', false)`,
  unindexed_foreign_keys: `select c.conname as found from pg_constraint c
    where c.contype = 'f' and c.connamespace = 'public'::regnamespace and not exists (
      select from pg_index i where i.indrelid = c.conrelid
        and (i.indkey::int2[])[0:array_length(c.conkey, 1) - 1] @> c.conkey)`,
  no_primary_key: `select c.relname as found from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
      and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)`,
  duplicate_index: `select string_agg(indexrelid::regclass::text, ', ') as found from pg_index
    where indrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)
    group by indrelid, indkey::text, coalesce(pg_get_expr(indpred, indrelid), '') having count(*) > 1`,
  multiple_permissive_policies: `select tablename || ' ' || cmd as found from pg_policies
    where schemaname = 'public' group by tablename, cmd, roles having count(*) > 1`,
  auth_rls_initplan: `select policyname as found from (
      select policyname, regexp_replace(coalesce(qual, '') || coalesce(with_check, ''),
        'select (auth|app)\\.[a-z_]+\\(\\)', '', 'gi') as rest
      from pg_policies where schemaname = 'public') as policies
    where rest ~* '((auth|app)\\.[a-z_]+|current_setting)\\('`,
  policy_exists_rls_disabled: `select distinct c.relname as found from pg_policy p join pg_class c on c.oid = p.polrelid
    where c.relnamespace = 'public'::regnamespace and not c.relrowsecurity`,
  rls_enabled_no_policy: `select relname as found from pg_class c
    where relnamespace = 'public'::regnamespace and relkind = 'r' and relrowsecurity
      and not exists (select from pg_policy p where p.polrelid = c.oid)
      and (has_table_privilege('anon', c.oid, 'select, insert, update, delete')
        or has_table_privilege('authenticated', c.oid, 'select, insert, update, delete')
        or has_any_column_privilege('authenticated', c.oid, 'select, insert, update'))`,
  rls_policy_always_true: `select tablename || ': ' || policyname as found from pg_policies
    where schemaname = 'public' and (btrim(coalesce(qual, ''), '()') = 'true' or btrim(coalesce(with_check, ''), '()') = 'true')`,
  policy_for_everybody: `select tablename || ': ' || policyname as found from pg_policies
    where schemaname = 'public' and 'public' = any (roles)`,
  rls_references_user_metadata: `select policyname as found from pg_policies
    where coalesce(qual, '') || coalesce(with_check, '') like '%user_metadata%'
    union all select proname from pg_proc where pronamespace in ('public'::regnamespace, 'app'::regnamespace)
      and prosrc like '%user_metadata%'`,
  definer_function_for_anybody: `select proname as found from pg_proc p
    where pronamespace = 'public'::regnamespace and prosecdef and has_function_privilege('anon', p.oid, 'execute')
      and proname <> 'list_packages'`,
  definer_function_without_check: `select proname as found from pg_proc
    where pronamespace = 'public'::regnamespace and prosecdef and proname <> 'list_packages'
      and prosrc !~ 'app\\.(require_service|require_staff|caller_kiosk_id|caller_user_id|caller_kind)\\('`,
  extension_in_public: `select extname as found from pg_extension where extnamespace = 'public'::regnamespace`,
  materialized_view_in_api: `select relname as found from pg_class where relkind = 'm'
    and (has_table_privilege('anon', oid, 'select') or has_table_privilege('authenticated', oid, 'select'))`,
  foreign_table_in_api: `select relname as found from pg_class where relkind = 'f'`,
  function_overloaded: `select proname as found from pg_proc where pronamespace = 'public'::regnamespace
    group by proname having count(*) > 1`,
  grant_to_public: `select c.relname as found from pg_class c, aclexplode(c.relacl) as a
    where c.relnamespace = 'public'::regnamespace and a.grantee = 0
    union all select p.proname from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a
    where p.pronamespace in ('public'::regnamespace, 'app'::regnamespace) and a.grantee = 0
      and p.prorettype <> 'trigger'::regtype`,
  auth_users_exposed: `select relname as found from pg_class where relnamespace = 'auth'::regnamespace
    and relkind = 'r' and (has_table_privilege('anon', oid, 'select') or has_table_privilege('authenticated', oid, 'select'))`,
  app_helpers_for_everyone: `select proname as found from pg_proc where pronamespace = 'app'::regnamespace
    and proname not in ('is_service', 'caller_kind', 'caller_user_id')
    and (has_function_privilege('anon', oid, 'execute') or has_function_privilege('authenticated', oid, 'execute')
      or has_function_privilege('service_role', oid, 'execute'))`,
  table_without_comment: `select relname as found from pg_class where relnamespace = 'public'::regnamespace
    and relkind = 'r' and obj_description(oid, 'pg_class') is null`,
};

onBothVersions('lints', (database) => {
  it.each(Object.entries(LINTS))('%s finds nothing', async (_name, query) => {
    const { rows } = await database().admin.query(query);
    expect(rows.map((row) => row.found)).toEqual([]);
  });
});
