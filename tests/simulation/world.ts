/** Everything a run consists of: the server and its oracle, three kiosks, Stripe's truth, the customers, the time. */
import { join } from 'node:path';
import type { Random } from '../support/common/random.ts';
import { hasGrant } from './books/leases.ts';
import type { Package } from './books/payments.ts';
import { Desk } from './desk.ts';
import type { Device, KioskCall, Question } from './questions.ts';
import { PACKAGE_IDS, type Reply, type SimDatabase } from './server.ts';
import { Station, type StationParts, type Visit } from './station.ts';
import { Witness } from './witness.ts';

export const KIOSKS = 3;
const BEGIN_MS = Date.UTC(2026, 10, 1);
/** Lines of the history that are kept for the report of a violation. */
const HISTORY_LINES = 60;

/** A purchase as Stripe knows it: never rolled back. */
export interface Sale {
  purchaseId: string;
  tierId: string;
  paymentIntentId: string;
  priceCents: number;
  lookup: string;
  paid: boolean;
  refundedCents: number;
}

/** Something Stripe tells, once or many times. */
export interface StripeEvent {
  eventId: string;
  question: Question;
}

export interface WorldParts {
  random: Random;
  database: SimDatabase;
  packages: readonly Package[];
  /** Folder for the kiosks' disks. */
  dir: string;
  stationParts: StationParts;
}

export class World {
  readonly #parts: WorldParts;
  readonly random: Random;
  readonly witness = new Witness(() => this.nowMs);
  readonly desk: Desk;
  readonly packages: readonly Package[];
  readonly stations: Station[] = [];
  readonly sales: Sale[] = [];
  readonly events: StripeEvent[] = [];
  /** Events before this one are in the backup of the server. */
  eventsInBackup = 0;
  hasBackup = false;
  wasServerRestored = false;
  /** Leases that were voided or settled, which a restored server may have forgotten; their kiosks were told. */
  readonly takenBack = new Set<string>();
  /** Every kiosk ever enrolled, and whether the operator revoked it. */
  readonly devices = new Map<string, { device: Device; revoked: boolean }>();
  /** Requests on a slow way. */
  readonly delayed: { device: Device; call: KioskCall }[] = [];
  readonly deductions: { userId: string; minutes: number; requestId: string }[] = [];
  readonly history: string[] = [];
  nowMs = BEGIN_MS;
  #lastUs = 0;
  #op = 0;

  constructor(parts: WorldParts) {
    this.#parts = parts;
    this.random = parts.random;
    this.packages = parts.packages.filter(({ id }) => (PACKAGE_IDS as readonly string[]).includes(id));
    this.desk = new Desk(parts.database, this.packages, this.witness, () => this.nowUs());
  }

  /** The server's clock: no two calls see the same microsecond. */
  nowUs(): number {
    this.#lastUs = Math.max(this.#lastUs + 1, this.nowMs * 1000);
    return this.#lastUs;
  }

  note(what: string): void {
    this.history.push(`${this.#op}  ${new Date(this.nowMs).toISOString()}  ${what}`);
    if (this.history.length > HISTORY_LINES) this.history.shift();
  }

  beginOp(op: number): void {
    this.#op = op;
  }

  ask(question: Question): Promise<Reply> {
    return this.desk.ask(question);
  }

  /** Puts a new kiosk in this place. */
  async place(index: number): Promise<Station> {
    const { random } = this;
    const device = { kioskId: random.uuid(), authUserId: random.uuid() };
    this.devices.set(device.kioskId, { device, revoked: false });
    await this.enrol(device);
    const name = `kiosk ${index + 1}`;
    const station = new Station({
      name,
      device,
      random,
      dir: join(this.#parts.dir, device.kioskId),
      witness: this.witness,
      parts: this.#parts.stationParts,
      wallMs: this.nowMs,
      door: {
        ask: (call) => this.desk.ask(this.desk.kiosk(device, call)),
        delay: (call) => void this.delayed.push({ device, call }),
        note: (what) => this.note(`${name}: ${what}`),
      },
    });
    this.stations[index] = station;
    return station;
  }

  async enrol(device: Device): Promise<void> {
    await this.sql(
      `insert into auth.users (id, email, email_confirmed_at, raw_app_meta_data) values ('${device.authUserId}',
       '${device.kioskId}@kiosk.example', now(), '{"kind":"kiosk","kiosk_id":"${device.kioskId}"}')
       on conflict do nothing`,
    );
    await this.ask(this.desk.enrol(device));
  }

  sql<Row extends object>(text: string): Promise<Row[]> {
    return this.#parts.database.query<Row>(text, this.nowUs());
  }

  /** Time goes on for everybody; talks go on where they can. */
  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      this.nowMs += 1_000;
      for (const station of this.stations) station.second();
      if (this.stations.some((station) => station.door.inFlight.size > 0)) await this.settle();
    }
  }

  /** Until nobody waits for an answer. */
  async settle(): Promise<void> {
    for (const station of this.stations) await station.settle();
  }

  station(): Station {
    return this.random.pick(this.stations) as Station;
  }

  /** A visit of this kiosk, mostly one whose grant still holds. */
  visitAt({ visits, device }: Station): Visit | undefined {
    const { state } = this.desk;
    const nowUs = this.nowMs * 1000;
    const live = visits.filter((one) => hasGrant(state, one.userId, device.kioskId, one.visitId, nowUs));
    return this.random.pick(this.random.chance(0.9) ? live : visits);
  }

  wallets(): string[] {
    return [...this.desk.state.wallets.keys()];
  }
}
