/** The children of a station, in the order of their start; each is written in the file it comes from. */
import type { ChildSpec } from '../supervisor/child-spec.ts';
import { lanChild, livekitChild, speechChild, stripeChild, supabaseChildren } from './embedded.ts';
import type { ChildrenOptions } from './node-child.ts';
import { agentChild, relayChild, stationChild } from './own.ts';

/** Those that `plan` needs. */
export function stationChildren(options: ChildrenOptions): ChildSpec[] {
  const { plan } = options;
  const children: ChildSpec[] = [];
  if (plan.parts.supabase) children.push(...supabaseChildren(options));
  if (plan.parts.stripe) children.push(stripeChild(options));
  if (plan.parts.openai || plan.parts.deepgram) children.push(speechChild(options));
  if (plan.parts.livekit && options.livekitBinary) children.push(livekitChild(plan, options.livekitBinary));
  // A kiosk of a fleet uses the operator's relay, and holds none of its secrets.
  if (!plan.settings.RELAY_URL) children.push(relayChild(options));
  if (plan.lan) children.push(lanChild(options, plan.lan));
  children.push(stationChild(options));
  if (plan.hasAgent && (!plan.parts.livekit || options.livekitBinary)) children.push(agentChild(options));
  return children;
}
