/** The admin window's line to the station: sign-in and reports, by tRPC on the page's own origin. */
import { createTRPCClient, httpLink, TRPCClientError } from '@trpc/client';
import { type TodayReport, todayReportSchema } from '../../src-shared/database.ts';
import type { AppRouter } from '../../src-station/local-api/router.ts';

export interface AdminClient {
  me(): Promise<{ email: string } | null>;
  signIn(email: string, password: string): Promise<{ email: string }>;
  signOut(): Promise<void>;
  todayReport(timeZone: string): Promise<TodayReport>;
}

/** What went wrong, as far as the page has words for it. */
export type Fault = 'signedOut' | 'wrongCredentials' | 'notStaff' | 'invalid' | 'unreachable';

export function createAdminClient(url = '/trpc'): AdminClient {
  const client = createTRPCClient<AppRouter>({ links: [httpLink({ url })] });
  return {
    me: () => client.admin.me.query(),
    signIn: (email, password) => client.admin.signIn.mutate({ email, password }),
    signOut: async () => {
      await client.admin.signOut.mutate();
    },
    todayReport: async (timeZone) =>
      todayReportSchema.parse(await client.admin.todayReport.query({ timeZone })),
  };
}

export function faultOf(error: unknown): Fault {
  if (!(error instanceof TRPCClientError)) return 'unreachable';
  if (error.message === 'wrong_credentials') return 'wrongCredentials';
  if (error.message === 'not_staff') return 'notStaff';
  if (error.data?.code === 'UNAUTHORIZED') return 'signedOut';
  return error.data?.code === 'BAD_REQUEST' ? 'invalid' : 'unreachable';
}
