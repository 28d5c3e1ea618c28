/** The offline matrix: what of talking, activating and buying works now, and why not. A pure function. */
import type { Availability, UnavailableReason, VisitSnapshot } from '../../src-shared/visit.ts';

/** What was last seen of each part; null while it was never asked. */
export interface PartsSeen {
  database: boolean;
  /** Seconds that this visit's last talk left reserved; a talk may use them while the database is away. */
  keptSeconds: number;
  /** The relay answers. */
  relay: boolean | null;
  /** The relay reaches Stripe. */
  payments: boolean | null;
  livekit: boolean | null;
  /** `speech_missing`: the agent runs but its providers don't. */
  agent: 'ok' | 'unreachable' | 'speech_missing' | null;
  /** The card reader beside the kiosk can be used; null where there is none. */
  reader: boolean | null;
  packagesKnown: boolean;
  /** The operator lets customers type a card at this computer. */
  hereOffered: boolean;
  /** The operator sells time also while no provider of mind or voice answers. */
  sellsWithoutVoice: boolean;
}

const OK: Availability = { ok: true };

function not(reason: UnavailableReason): Availability {
  return { ok: false, reason };
}

export function servicesOf(seen: PartsSeen): VisitSnapshot['services'] {
  return {
    talk: talk(seen),
    activate: activate(seen),
    buy: buy(seen),
    reader: reader(seen),
    here: seen.hereOffered ? buy(seen) : not('not_offered'),
  };
}

function talk({ livekit, agent, database, keptSeconds }: PartsSeen): Availability {
  if (livekit === null || agent === null) return not('starting');
  if (!livekit || agent === 'unreachable') return not('voice_unreachable');
  if (agent === 'speech_missing') return not('speech_missing');
  if (database) return OK;
  return keptSeconds > 0 ? { ok: true, keptSeconds } : not('database_unreachable');
}

/** A code is checked by the relay in the database. */
function activate({ relay, database }: PartsSeen): Availability {
  if (relay === null) return not('starting');
  return relay && database ? OK : not('database_unreachable');
}

function buy(seen: PartsSeen): Availability {
  const { relay, payments, database, packagesKnown } = seen;
  if (relay === null) return not('starting');
  if (!relay || payments === false) return not('payments_unreachable');
  if (!database) return not('database_unreachable');
  // Nobody pays for a talk that can't be had.
  if (seen.agent === 'speech_missing' && !seen.sellsWithoutVoice) return not('speech_missing');
  return packagesKnown ? OK : not('starting');
}

function reader(seen: PartsSeen): Availability {
  if (seen.reader === null) return not('no_reader');
  const bought = buy(seen);
  return bought.ok && !seen.reader ? not('reader_offline') : bought;
}
