/** Accounts of Supabase Auth, made, mended and removed with the service role. */
import type { SupabaseClient, User } from '@supabase/supabase-js';
import { refusals } from '../model/errors.ts';

const USERS_PER_PAGE = 1_000;

/** What an account is: nobody can write this about themselves. */
export type AccountKind = { kind: 'kiosk'; kioskId: string } | { kind: 'staff' };

export function createAuthAccounts({ auth }: Pick<SupabaseClient, 'auth'>) {
  async function findUser(email: string): Promise<User | undefined> {
    for (let page = 1; ; page += 1) {
      const { data, error } = await auth.admin.listUsers({ page, perPage: USERS_PER_PAGE });
      if (error) throw error;
      const found = data.users.find((user) => user.email?.toLowerCase() === email.toLowerCase());
      if (found) return found;
      if (data.users.length < USERS_PER_PAGE) return undefined;
    }
  }

  return {
    /** A new device account; answers its id. @throws RelayError databaseUnavailable */
    createKiosk: async (account: { email: string; password: string; kioskId: string }): Promise<string> => {
      const { kioskId, ...login } = account;
      const { data, error } = await auth.admin.createUser(attributesOf(login, { kind: 'kiosk', kioskId }));
      if (error) throw refusals.databaseUnavailable(error);
      return data.user.id;
    },
    remove: async (authUserId: string): Promise<void> => {
      const { error } = await auth.admin.deleteUser(authUserId);
      if (error) throw error;
    },
    /** Makes the account, or mends its password and kind; answers its id. @throws Error when Auth is out of reach */
    ensure: async (login: { email: string; password: string }, kind: AccountKind): Promise<string> => {
      const attributes = attributesOf(login, kind);
      // Looked for first: Auth hashes the password of a try to create it, which is most of what this costs at each start.
      const existing = await findUser(login.email);
      const { data, error } = existing
        ? await auth.admin.updateUserById(existing.id, attributes)
        : await auth.admin.createUser(attributes);
      if (error) throw error;
      return data.user.id;
    },
  };
}
export type AuthAccounts = ReturnType<typeof createAuthAccounts>;

function attributesOf({ email, password }: { email: string; password: string }, account: AccountKind) {
  const { kind } = account;
  const metadata = kind === 'kiosk' ? { kind, kiosk_id: account.kioskId } : { kind };
  return { email, password, email_confirm: true, app_metadata: metadata };
}
