/** What the routes work with; made once in main.ts. */

import type { HealthReport } from '../../src-runtime/health.ts';
import type { Logger } from '../../src-runtime/log.ts';
import type { DeviceAccounts } from '../accounts/enrolment.ts';
import type { CredentialReader } from '../doors/credentials.ts';
import type { Database } from '../doors/database/database.ts';
import type { Wallets } from '../doors/database/wallets.ts';
import type { CardReader } from '../doors/stripe/card-reader.ts';
import type { StripeGateway } from '../doors/stripe/gateway.ts';
import type { CodeBook } from '../model/codes.ts';
import type { PayHere } from '../payments/pay-here.ts';
import type { Settler } from '../payments/settle.ts';
import type { EventInbox } from '../webhooks/event-inbox.ts';
import type { Metrics } from './metrics.ts';

export interface RelayParts {
  publicUrl: string;
  livemode: boolean;
  webhookSecrets: readonly string[];
  credentials: CredentialReader;
  database: Database;
  wallets: Wallets;
  accounts: DeviceAccounts;
  stripe: StripeGateway;
  /** Undefined where there is no card reader. */
  reader: CardReader | undefined;
  /** Undefined where no card may be typed. */
  payHere: PayHere | undefined;
  codes: CodeBook;
  settler: Settler;
  inbox: EventInbox;
  metrics: Metrics;
  log: Logger;
  nowMs(): number;
  health(): HealthReport;
}
