/**
 * The API that the pages speak (tRPC under `/trpc`): the visit's snapshot as one stream, intents, what a talk needs,
 * and the admin's sign-in and report. Every procedure passes the table of callers.ts first. The renderer imports the
 * type of this router and nothing else.
 */
import { initTRPC, TRPCError } from '@trpc/server';
import { z } from 'zod';
import { stationCallSchema } from '../../src-shared/agent-link.ts';
import { captionSchema, talkHeartbeatSchema, visitIntentSchema } from '../../src-shared/visit.ts';
import { type Caller, mayCall } from './callers.ts';
import { AdminDoorError, type Doors, type StaffSession } from './doors.ts';
import { latestValues } from './latest-values.ts';
import type { SignInLimit } from './sign-in-limit.ts';

/** What a procedure knows of its request. */
export interface ApiContext {
  caller: Caller;
  doors: Doors;
  signInLimit: SignInLimit;
  /** Remembers the session and gives its cookie to the caller. */
  startStaffSession(session: StaffSession): void;
  endStaffSession(): void;
}

/** The page reconnects when nothing came for this long; a ping comes more often than that. */
const SSE_PING_INTERVAL_MS = 5_000;
const SSE_RECONNECT_AFTER_INACTIVITY_MS = 12_000;

const t = initTRPC.context<ApiContext>().create({
  sse: {
    ping: { enabled: true, intervalMs: SSE_PING_INTERVAL_MS },
    client: { reconnectAfterInactivityMs: SSE_RECONNECT_AFTER_INACTIVITY_MS },
  },
  errorFormatter: ({ shape }) => ({
    ...shape,
    // A stack would tell a page about the inside of the station.
    data: { code: shape.data.code, httpStatus: shape.data.httpStatus },
  }),
});

const procedure = t.procedure.use(({ ctx, path, next }) => {
  if (!mayCall(ctx.caller, path)) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'sign_in_needed' });
  return next();
});

const visitRouter = t.router({
  /** The present snapshot at once, then the newest one after each change. */
  snapshot: procedure.subscription(async function* ({ ctx, signal }) {
    const { visit } = ctx.doors;
    yield* latestValues(
      () => visit.snapshot(),
      (listener) => visit.onChange(listener),
      signal,
    );
  }),
  intent: procedure.input(visitIntentSchema).mutation(({ ctx, input }) => {
    ctx.doors.visit.intent(input);
  }),
});

const talkRouter = t.router({
  heartbeat: procedure.input(talkHeartbeatSchema).mutation(({ ctx, input }) => {
    ctx.doors.talk.heartbeat(input);
  }),
  caption: procedure
    .input(z.object({ talkId: z.uuid(), caption: captionSchema }))
    .mutation(({ ctx, input }) => {
      ctx.doors.talk.caption(input.talkId, input.caption);
    }),
  /** For a page that comes into a talk: snapshots carry no words. */
  history: procedure
    .input(z.object({ talkId: z.uuid() }))
    .query(({ ctx, input }) => [...ctx.doors.talk.history(input.talkId)]),
  stationCall: procedure
    .input(stationCallSchema)
    .mutation(({ ctx, input }) => ctx.doors.talk.stationCall(input)),
  commandDone: procedure
    .input(z.object({ id: z.string().max(100) }))
    .mutation(({ ctx, input }) => ctx.doors.talk.commandDone(input.id)),
});

const adminRouter = t.router({
  /**
   * Errors: UNAUTHORIZED `wrong_credentials` | `not_staff`, SERVICE_UNAVAILABLE `unreachable`,
   * TOO_MANY_REQUESTS `too_many_tries`.
   */
  signIn: procedure
    .input(z.object({ email: z.email().max(254), password: z.string().min(1).max(200) }))
    .mutation(async ({ ctx, input }) => {
      if (!ctx.signInLimit.allows()) {
        throw new TRPCError({ code: 'TOO_MANY_REQUESTS', message: 'too_many_tries' });
      }
      const result = await ctx.doors.admin.signIn(input.email, input.password);
      if (result === 'unreachable') throw new TRPCError({ code: 'SERVICE_UNAVAILABLE', message: result });
      if (typeof result === 'string') {
        ctx.signInLimit.wrong();
        throw new TRPCError({ code: 'UNAUTHORIZED', message: result });
      }
      ctx.startStaffSession(result);
      return { email: result.email };
    }),
  signOut: procedure.mutation(async ({ ctx }) => {
    const { staff } = ctx.caller;
    ctx.endStaffSession();
    if (staff) await ctx.doors.admin.signOut(staff);
  }),
  /** Who is signed in here; null for nobody. */
  me: procedure.query(({ ctx }) => (ctx.caller.staff ? { email: ctx.caller.staff.email } : null)),
  todayReport: procedure
    .input(z.object({ timeZone: z.string().min(1).max(64) }))
    .query(async ({ ctx, input }) => {
      const { staff } = ctx.caller;
      if (!staff) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'sign_in_needed' });
      try {
        return await ctx.doors.admin.todayReport(staff, input.timeZone);
      } catch (error) {
        throw adminFault(error);
      }
    }),
});

function adminFault(error: unknown): TRPCError {
  const kind = error instanceof AdminDoorError ? error.code : 'unreachable';
  if (kind === 'unauthorized') return new TRPCError({ code: 'UNAUTHORIZED', message: 'sign_in_needed' });
  if (kind === 'invalid') return new TRPCError({ code: 'BAD_REQUEST', message: 'invalid' });
  return new TRPCError({ code: 'SERVICE_UNAVAILABLE', message: 'unreachable' });
}

export const appRouter = t.router({ visit: visitRouter, talk: talkRouter, admin: adminRouter });

/** The router's type, for the renderer's client. */
export type AppRouter = typeof appRouter;
