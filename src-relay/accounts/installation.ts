/**
 * One-box installations have no operator to enrol the kiosk: given its account and the admin's, the relay makes sure
 * that both exist with these passwords and kinds, and goes on trying until the database is there.
 */
import type { DeviceAccount } from '../../src-shared/relay-api.ts';
import { type Backoff, backoffMs } from '../../src-shared/retry.ts';
import type { AuthAccounts } from '../doors/auth-accounts.ts';
import type { Kiosks } from '../doors/database/kiosks.ts';
import type { Log } from '../model/witnesses.ts';

/** The database starts together with us and is there within seconds: the waits grow slowly. */
const BACKOFF: Backoff = { firstMs: 250, longestMs: 30_000, factor: 1.3 };

export interface InstallationNeeds {
  accounts: Pick<AuthAccounts, 'ensure'>;
  kiosks: Pick<Kiosks, 'enrol'>;
  log: Log;
  kiosk: DeviceAccount | undefined;
  admin: { email: string; password: string } | undefined;
}

export interface Installation {
  /** `ok`, or what is still awaited. */
  check(): string;
  stop(): void;
}

/** Begins at once and answers without waiting. */
export function startInstallation(needs: InstallationNeeds): Installation {
  let isDone = !needs.kiosk && !needs.admin;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const attempt = async (failures: number) => {
    try {
      await ensureAccounts(needs);
      isDone = true;
      needs.log.info({}, 'accounts of this installation are in place');
    } catch (error) {
      needs.log.warn({ err: error }, 'accounts could not be made yet, trying again');
      const next = failures + 1;
      if (!isStopped) timer = setTimeout(() => void attempt(next), backoffMs(BACKOFF, next));
    }
  };
  if (!isDone) void attempt(0);
  return {
    check: () => (isDone ? 'ok' : 'the kiosk and admin accounts are not made yet: waiting for the database'),
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

/** Makes or mends both accounts. @throws Error when the database or its Auth is out of reach */
async function ensureAccounts({ accounts, kiosks, kiosk, admin }: InstallationNeeds): Promise<void> {
  const kioskReady = async () => {
    if (!kiosk) return;
    const authUserId = await accounts.ensure(kiosk, { kind: 'kiosk', kioskId: kiosk.kioskId });
    await kiosks.enrol(kiosk.kioskId, authUserId, kiosk.name);
  };
  const adminReady = async () => {
    if (admin) await accounts.ensure(admin, { kind: 'staff' });
  };
  await Promise.all([kioskReady(), adminReady()]);
}
