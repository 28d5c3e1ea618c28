/**
 * The station's metering over the embedded Supabase and a real Postgres, with time in the test's own hand: a second of
 * talk takes a few milliseconds, everything else (network, SQL, disk) is real.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createLogger } from '../../../src-runtime/log.ts';
import { ManualClock } from '../../../src-station/clock.test-kit.ts';
import type { TalkAccount } from '../../../src-station/metering/contract.ts';
import { createMetering, type StationMetering } from '../../../src-station/metering/index.ts';
import { asRelay, call, type Kiosk } from '../database/database-kit.ts';
import type { TestSupabase } from '../supabase/supabase.ts';

export interface DeviceAccount {
  kioskId: string;
  name: string;
  email: string;
  password: string;
}

/** A kiosk with a device account that can sign in. */
export async function enrolKiosk(supabase: TestSupabase): Promise<{ kiosk: Kiosk; account: DeviceAccount }> {
  const kioskId = randomUUID();
  const account = { kioskId, name: 'Entrance', email: `${kioskId}@kiosk.example`, password: randomUUID() };
  const { data, error } = await supabase.service().auth.admin.createUser({
    email: account.email,
    password: account.password,
    email_confirm: true,
    app_metadata: { kind: 'kiosk', kiosk_id: kioskId },
  });
  if (error) throw error;
  const authUserId = data.user.id;
  await asRelay(supabase.database, 'enrol_kiosk', {
    p_kiosk_id: kioskId,
    p_auth_user_id: authUserId,
    p_name: account.name,
  });
  const rpc: Kiosk['rpc'] = (name, args) =>
    supabase.database.asUser(authUserId, (client) => call(client, name, args));
  return { kiosk: { kioskId, authUserId, rpc }, account };
}

export interface MeteringSetup {
  storeDir: string;
  url: string;
  anonKey: string;
  account: DeviceAccount;
}

export const TEST_MAC_KEY = new Uint8Array(32).fill(3);

/** A station's metering and its clock. Waits until the database answers. */
export async function startMetering(setup: MeteringSetup) {
  const clock = new ManualClock(Date.now());
  const { storeDir, url, anonKey, account } = setup;
  const metering = await createMetering({
    storeDir,
    macKey: TEST_MAC_KEY,
    supabase: { url, anonKey, account },
    clock,
    log: createLogger({ service: 'test', level: 'silent' }),
  });
  await waitFor(clock, () => metering.databaseReachable, 'the database');
  return { metering, clock };
}

/** Lets time pass, a second a round, until `isTrue`; at most 20 s of real time. */
export async function waitFor(clock: ManualClock, isTrue: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    clock.advance(200);
    await delay(5);
  }
}

/** Opens a talk; throws the refusal. */
export async function beginTalk(
  metering: StationMetering,
  userId: string,
  visitId: string,
): Promise<TalkAccount> {
  const account = await metering.openTalk({ talkId: randomUUID(), visitId, userId });
  if (typeof account === 'string') throw new Error(account);
  return account;
}

/** Both ends are well for so many seconds (or until the talk must end). */
export async function talkFor(clock: ManualClock, account: TalkAccount, seconds: number): Promise<void> {
  for (let second = 0; second < seconds && account.state !== 'ended'; second++) {
    account.heartbeat({
      talkId: account.talkId,
      leg: 1,
      connection: 'connected',
      agentAgeMs: 0,
      agentState: 'listening',
      agentSoundAgeMs: 0,
      lastVoiceAgeMs: 0,
      hearsAgent: true,
      canSpeak: true,
      microphoneLost: false,
      speakerLost: false,
      earsLost: false,
    });
    clock.advance(1_000);
    await delay(1);
  }
}
