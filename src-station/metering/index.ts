/**
 * Metering of the station: the way from "a second was given" to "a second was paid for". `createMetering` is its
 * front door; `contract.ts` says what the visit may ask of it.
 */
import type { Logger } from '../../src-runtime/log.ts';
import type { DeviceAccount } from '../../src-shared/relay-api.ts';
import type { Clock } from '../clock.ts';
import { UsageStore } from '../store/index.ts';
import { SupabaseDoor } from '../supabase-door/index.ts';
import type { Metering } from './contract.ts';
import { MeteringCore } from './metering.ts';

/** Shorter keys could be guessed. */
const MAC_KEY_MIN_BYTES = 16;

export interface MeteringOptions {
  /** Folder of the usage store; made when missing (mode 0700). */
  storeDir: string;
  /** Key of the store's MACs (STORE_MAC_KEY decoded), 32 bytes or more. */
  macKey: Uint8Array;
  supabase: { url: string; anonKey: string; account: DeviceAccount };
  clock: Clock;
  log: Logger;
  /** 0 … 1, for jitter; injected by tests. */
  random?: () => number;
}

/** Metering with what the rest of the station needs of its inside. */
export interface StationMetering extends Metering {
  /** `kioskJwt()` for calls to the relay, `listPackages()`. */
  readonly door: SupabaseDoor;
  /** Lines for `/health`: `database`, `usage_store`, `usage_sync`; each `ok` or what is wrong. */
  health(): Record<string, string>;
  /** Histories kept aside because the server had another one. */
  readonly quarantinedEpochs: number;
  /** Rows the server kept aside within the last day; closings of leases it never knew don't count. */
  readonly parkedRows: number;
}

/**
 * Opens the store (mending and closing what a crash left), starts to sign in and to send what is unsent. Resolves
 * without waiting for the network.
 * @throws StoreInUseError when another station has the store open
 */
export async function createMetering(options: MeteringOptions): Promise<StationMetering> {
  const { storeDir, macKey, supabase, clock, log } = options;
  const random = options.random ?? Math.random;
  if (macKey.length < MAC_KEY_MIN_BYTES) throw new Error('the key of the usage store is too short');
  const store = new UsageStore({ dir: storeDir, key: macKey, wallMs: () => clock.wallMs() });
  for (const finding of store.findings) log.error({ finding }, 'the usage store was mended');
  try {
    store.prune();
  } catch (error) {
    log.error({ err: error }, 'old usage rows could not be dropped');
  }
  const door = new SupabaseDoor({ ...supabase, clock, log, random });
  const core = new MeteringCore({ store, database: door, clock, log, random });
  door.start();
  return {
    door,
    interruptedTalk: core.interruptedTalk,
    openTalk: (talk) => core.openTalk(talk),
    balance: (userId) => core.balance(userId),
    get databaseReachable() {
      return core.databaseReachable;
    },
    get keptSeconds() {
      return core.keptSeconds;
    },
    walletIs: (userId) => core.walletIs(userId),
    get backlogRows() {
      return core.backlogRows;
    },
    get quarantinedEpochs() {
      return core.quarantinedEpochs;
    },
    get parkedRows() {
      return core.parkedRows;
    },
    onEvent: (listener) => core.onEvent(listener),
    isSettled: (talkId) => core.isSettled(talkId),
    health: () => ({ database: door.healthLine, ...core.health() }),
    stop: async () => {
      await core.stop();
      door.stop();
    },
  };
}
