/** What the logic tells about itself. Where log lines and counts go is up to the runtime: a process, an Edge Function. */

export interface Log {
  info(context: object, message: string): void;
  warn(context: object, message: string): void;
  error(context: object, message: string): void;
}

interface Count<Label extends string> {
  inc(labels: Record<Label, string>): void;
}

export interface Gauge {
  set(value: number): void;
}

export interface Counters {
  /** Webhook deliveries and what became of them. */
  webhooks: Count<'type' | 'result'>;
  /** Stored events worked off. */
  events: Count<'type' | 'result'>;
  /** Effects on purchases. */
  settlements: Count<'action' | 'source'>;
  /** Codes typed. */
  redemptions: Count<'outcome'>;
}
