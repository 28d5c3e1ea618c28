/**
 * The database functions the product calls through supabase-js, with the shape of each answer. The SQL of
 * supabase/migrations is the other side of this contract. Seconds and cents are integers. Functions answer jsonb in
 * camelCase; refusals are raised with SQLSTATE P0001 and a message from DATABASE_ERRORS.
 */
import { z } from 'zod';

const uuid = z.uuid();
const seconds = z.number().int().nonnegative();

/** Messages raised by the functions, known by name on the client side. */
export const DATABASE_ERRORS = {
  noGrant: 'no_visit_grant',
  noTimeLeft: 'no_time_left',
  timeInUse: 'time_in_use_elsewhere',
  leaseUnknown: 'lease_unknown',
  leaseClosed: 'lease_closed',
  kioskRevoked: 'kiosk_revoked',
  invalidAmount: 'invalid_amount',
  streamForked: 'stream_forked',
} as const;

/** open_lease(p_lease_id, p_user_id, p_visit_id, p_seconds) and extend_lease(p_lease_id, p_n, p_seconds). */
export const leaseAnswerSchema = z.object({
  leaseId: uuid,
  /** 0 for the opening, then 1, 2, … for each extension. */
  n: z.number().int().nonnegative(),
  /** Reserved by this very step; may be less than asked, 0 when nothing is left to extend with. */
  grantedSeconds: seconds,
  /** Reserved in all since the opening. */
  totalSeconds: seconds,
  /** Not reserved and still usable by this wallet now. */
  availableSeconds: seconds,
  /** From this answer on; the station counts it on its monotonic clock from before it asked. */
  validitySeconds: seconds,
});
export type LeaseAnswer = z.infer<typeof leaseAnswerSchema>;

/** get_user_time_balance(user_id): see balanceSchema in src-shared/relay-api.ts. */

/**
 * post_usage(p_epoch, p_rows): rows of the station's usage log, in order, exactly once by (kiosk, epoch, seq).
 * Row kinds: `talk_started`, `tick` (whole seconds charged to a lease), `lease_closed` (rest goes back to the wallet),
 * `talk_ended`. `hash` = lower-case hex SHA-256 of `usageRowText(row)` in UTF-8 bytes.
 */
export const usageRowSchema = z.object({
  seq: z.number().int().positive(),
  kind: z.enum(['talk_started', 'tick', 'lease_closed', 'talk_ended']),
  talkId: uuid,
  leaseId: uuid.nullable(),
  userId: uuid.nullable(),
  visitId: uuid.nullable(),
  /** Seconds charged by this row; 0 but for `tick`. */
  seconds: z.number().int().nonnegative(),
  /** Why it ended (endReasonSchema) for `talk_ended`, else empty. */
  note: z.string().max(100),
  /** Wall clock of the station, milliseconds since 1970; for people, never for counting. */
  atMs: z.number().int(),
  prevHash: z.string().length(64),
  hash: z.string().length(64),
});
export type UsageRow = z.infer<typeof usageRowSchema>;

/** prevHash of the first row of an epoch. */
export const GENESIS_HASH = '0'.repeat(64);

/** The text that is hashed: fields joined by `|`, absent ones empty. The SQL side builds the same. */
export function usageRowText(row: Omit<UsageRow, 'hash'>): string {
  return [
    row.prevHash,
    row.seq,
    row.kind,
    row.talkId,
    row.leaseId ?? '',
    row.userId ?? '',
    row.visitId ?? '',
    row.seconds,
    row.note,
    row.atMs,
  ].join('|');
}

export const postUsageAnswerSchema = z.object({
  lastSeq: z.number().int().nonnegative(),
  lastHash: z.string().length(64),
  /** Rows applied by this call (those seen before are skipped, not applied again). */
  applied: z.number().int().nonnegative(),
  /** Rows kept aside because they make no sense to the server (unknown lease, more seconds than reserved …). */
  parked: z.array(z.object({ seq: z.number().int(), reason: z.string() })),
});
export type PostUsageAnswer = z.infer<typeof postUsageAnswerSchema>;

/** report_today(p_time_zone): admin only. */
export const todayReportSchema = z.object({
  timeZone: z.string(),
  from: z.string(),
  to: z.string(),
  currency: z.string(),
  today: z.object({
    salesCount: z.number(),
    salesCents: z.number(),
    talks: z.number(),
    talkSeconds: z.number(),
  }),
  /** The same span of the day before, for comparison. */
  yesterday: z.object({
    salesCount: z.number(),
    salesCents: z.number(),
    talks: z.number(),
    talkSeconds: z.number(),
  }),
  /** Sums per hour of today, 0 … 23. */
  hours: z.array(z.object({ hour: z.number(), salesCents: z.number(), talkSeconds: z.number() })),
  /** The rows behind the numbers, newest first, at most 200. */
  sales: z.array(
    z.object({ at: z.string(), packageId: z.string(), priceCents: z.number(), status: z.string() }),
  ),
  talkRows: z.array(
    z.object({
      at: z.string(),
      seconds: z.number(),
      endReason: z.string().nullable(),
      kioskName: z.string(),
    }),
  ),
});
export type TodayReport = z.infer<typeof todayReportSchema>;
