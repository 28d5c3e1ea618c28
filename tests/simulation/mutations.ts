/**
 * Eleven broken variants of the product. Each breaks one promise in the SQL (by replacing text of a function in the
 * scratch database) or in the station (by a part put in the place of the real one); the simulation must notice.
 */
import type { LeaseAnswer, UsageRow } from '../../src-shared/database.ts';
import type { UsageEntry } from '../../src-station/store/usage-store.ts';
import type { MeteringDatabase } from '../../src-station/supabase-door/door.ts';
import type { DoorResult } from '../../src-station/supabase-door/errors.ts';
import { type Outcome, run } from './run.ts';
import type { SimServer, SqlMutation } from './server.ts';
import { REAL_PARTS, type StationParts } from './station.ts';
import { WitnessedStore } from './witness.ts';

export interface Mutation {
  name: string;
  sql?: SqlMutation;
  station?: StationParts;
}

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'the wallet is not locked',
    sql: {
      function: 'app.lock_wallet',
      find: 'where u.id = p_user_id for no key update;',
      replace: 'where u.id = p_user_id;',
    },
  },
  {
    name: 'bonus is spent before paid seconds',
    sql: {
      function: 'app.take_in_order',
      find: `v_part.paid_seconds := least(v_part.paid_seconds, v_left);
    v_part.bonus_seconds := least(v_part.bonus_seconds, v_left - v_part.paid_seconds);`,
      replace: `v_part.bonus_seconds := least(v_part.bonus_seconds, v_left);
    v_part.paid_seconds := least(v_part.paid_seconds, v_left - v_part.bonus_seconds);`,
    },
  },
  {
    name: 'extending twice reserves twice',
    sql: {
      function: 'public.extend_lease',
      find: 'if p_n = v_next then\n    perform app.add_lease_step(v_lease, p_n, p_seconds);',
      replace: 'if p_n <= v_next then\n    perform app.add_lease_step(v_lease, v_next, p_seconds);',
    },
  },
  {
    name: 'rows seen before count again',
    sql: {
      function: 'app.apply_usage',
      find: 'continue when r.seq <= p_stream.last_seq;',
      replace: 'continue when false;',
    },
  },
  {
    name: 'a fork of the log is not noticed',
    sql: {
      function: 'app.find_fork',
      find: 'if v_reason is null then\n    return null;',
      replace: 'if true then\n    return null;',
    },
  },
  {
    name: 'a lease lets go of refunded seconds',
    sql: {
      function: 'app.release_held',
      find: 'v_owed := least(v_part.paid, v_part.refund_owed_seconds);',
      replace: 'v_owed := 0;',
    },
  },
  {
    name: 'expiry takes what a lease holds',
    sql: {
      function: 'app.expire_card',
      find: "update public.time_cards as c set status = 'expired'",
      replace: `perform app.move_seconds(v_card.id, 'expired', 'held', 'expired', v_card.paid_held_seconds,
        v_card.bonus_held_seconds, 'expired-held:' || v_card.id);
      update public.time_cards as c set status = 'expired'`,
    },
  },
  {
    name: 'a payment told twice is fulfilled twice',
    sql: {
      function: 'public.fulfil_payment',
      find: "if v_purchase.status in ('paid', 'refunded') then",
      replace: 'if false then',
    },
  },
  {
    name: 'a second counts before it is on the disk',
    station: {
      ...REAL_PARTS,
      makeStore: (options, witness, kioskId) => new LazyStore(options, witness, kioskId),
    },
  },
  {
    name: 'rows count as sent whatever the server answers',
    station: { ...REAL_PARTS, wrapDatabase: (door) => credulous(door) },
  },
  {
    name: 'a lease is believed in after its validity',
    station: { ...REAL_PARTS, wrapDatabase: (door) => generous(door) },
  },
];

/** Says that rows are written when they only will be, with the next ones. */
class LazyStore extends WitnessedStore {
  #waiting: UsageEntry[] = [];

  override append(entries: readonly UsageEntry[]): UsageRow[] {
    this.#waiting.push(...entries);
    if (entries.every((entry) => entry.kind === 'tick')) return [];
    return super.append(this.#waiting.splice(0));
  }
}

/** Takes every batch for arrived, with or without an answer, and whatever the answer is. */
function credulous(door: MeteringDatabase): MeteringDatabase {
  const postUsage: MeteringDatabase['postUsage'] = async (epoch, rows) => {
    const answer = await door.postUsage(epoch, rows);
    const last = rows.at(-1);
    if (!last || (!answer.ok && answer.error.kind === 'refused')) return answer;
    return { ok: true, value: { lastSeq: last.seq, lastHash: last.hash, applied: rows.length, parked: [] } };
  };
  return withCalls(door, { postUsage });
}

/** Takes each lease for valid ten times as long as the server said. */
function generous(door: MeteringDatabase): MeteringDatabase {
  const longer = <Answer extends DoorResult<LeaseAnswer>>(answer: Answer): DoorResult<LeaseAnswer> =>
    answer.ok
      ? { ok: true, value: { ...answer.value, validitySeconds: answer.value.validitySeconds * 10 } }
      : answer;
  return withCalls(door, {
    openLease: async (...call) => longer(await door.openLease(...call)),
    extendLease: async (...call) => longer(await door.extendLease(...call)),
  });
}

/** The door with other calls in the place of its own. */
function withCalls(door: MeteringDatabase, calls: Partial<MeteringDatabase>): MeteringDatabase {
  return new Proxy(door, {
    get: (target, key) => {
      const value: unknown = Reflect.get(calls, key) ?? Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

export interface Verdict {
  name: string;
  /** The run that noticed; null when none did. */
  outcome: Outcome | null;
  runs: number;
}

/** Runs a broken variant, seed after seed, until it is noticed. */
export async function tryMutation(
  server: SimServer,
  mutation: Mutation,
  { seeds, ops }: { seeds: readonly number[]; ops: number },
): Promise<Verdict> {
  for (const [index, seed] of seeds.entries()) {
    const outcome = await run({
      server,
      seed,
      ops,
      sqlMutation: mutation.sql,
      stationParts: mutation.station,
    });
    if (outcome.violation) return { name: mutation.name, outcome, runs: index + 1 };
  }
  return { name: mutation.name, outcome: null, runs: seeds.length };
}
