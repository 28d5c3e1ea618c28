/**
 * Where a route of the relay is found: at a relay under its own path, or at the Edge Functions of a Supabase project
 * (`https://<project>/functions/v1`), where the first word is the function that serves it.
 */

const EDGE_FUNCTIONS = /\/functions\/v1\/*$/;
/** Functions named like the first word of their routes; everything else is served by create-payment under its own path. */
const OWN_FUNCTION = /^\/(redeem|enrol|rooms|user|wallets)(\/|$)/;

/** @param path begins with a slash and may end with a query */
export function relayAddress(baseUrl: string, path: string): string {
  const base = baseUrl.replace(/\/+$/, '');
  if (!isEdgeFunctions(baseUrl) || OWN_FUNCTION.test(path)) return base + path;
  return `${base}/create-payment${path}`;
}

/** True for the Edge Functions of a project, false for a relay. */
export function isEdgeFunctions(baseUrl: string): boolean {
  return EDGE_FUNCTIONS.test(baseUrl);
}
