/**
 * Staff at the station: sign-in against Supabase Auth and reports under the staff member's own token, so that the
 * database decides what they see. Nothing of it is kept on disk.
 */
import { z } from 'zod';
import { createSupabaseClient } from '../../src-runtime/supabase-client.ts';
import { todayReportSchema } from '../../src-shared/database.ts';
import { type AdminDoor, AdminDoorError } from '../local-api/doors.ts';

const staffSchema = z.object({ app_metadata: z.object({ kind: z.literal('staff') }) });

export function createAdminDoor(url: string, anonKey: string): AdminDoor {
  return {
    signIn: async (email, password) => {
      const client = createSupabaseClient(url, anonKey);
      const { data, error } = await client.auth.signInWithPassword({ email, password });
      if (error) return isRefusal(error.status) ? 'wrong_credentials' : 'unreachable';
      if (!staffSchema.safeParse(data.user).success) {
        await client.auth.signOut({ scope: 'local' });
        return 'not_staff';
      }
      return { email: data.user.email ?? email, accessToken: data.session.access_token };
    },
    signOut: async ({ accessToken }) => {
      const response = await fetch(new URL('/auth/v1/logout?scope=local', url), {
        method: 'POST',
        headers: { apikey: anonKey, authorization: `Bearer ${accessToken}` },
        signal: AbortSignal.timeout(5_000),
      }).catch(() => undefined);
      await response?.body?.cancel();
    },
    todayReport: async ({ accessToken }, timeZone) => {
      const client = createSupabaseClient(url, anonKey, { accessToken: async () => accessToken });
      const { data, error, status } = await client.rpc('report_today', { p_time_zone: timeZone });
      if (error) throw new AdminDoorError(kindOf(status), `report_today: ${status} ${error.code ?? ''}`);
      const report = todayReportSchema.safeParse(data);
      if (!report.success) throw new AdminDoorError('unreachable', z.prettifyError(report.error));
      return report.data;
    },
  };
}

function isRefusal(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500 && status !== 429;
}

function kindOf(status: number): AdminDoorError['code'] {
  if (status === 401 || status === 403) return 'unauthorized';
  return status === 400 ? 'invalid' : 'unreachable';
}
