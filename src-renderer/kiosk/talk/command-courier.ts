/**
 * Hands the station's commands to the agent: in order, each delivered once, tried again until the agent has taken it or
 * the station no longer wants it, and acknowledged to the station afterwards (again until that worked).
 */
import type { AgentCommand } from '../../../src-shared/visit.ts';

const RETRY_MS = 700;

export interface CourierDeps {
  /** Rejects while the agent is not there or does not answer. */
  deliver(command: AgentCommand): Promise<void>;
  acknowledge(id: string): Promise<void>;
  wait(durationMs: number): Promise<void>;
}

export class CommandCourier {
  readonly #deps: CourierDeps;
  readonly #delivered = new Set<string>();
  #wanted: readonly AgentCommand[] = [];
  #running = false;
  #stopped = false;

  constructor(deps: CourierDeps) {
    this.#deps = deps;
  }

  /** The commands the station wants delivered now; call with each snapshot. */
  offer(commands: readonly AgentCommand[]): void {
    this.#wanted = commands;
    if (!this.#running && !this.#stopped && commands.length > 0) void this.#run();
  }

  stop(): void {
    this.#stopped = true;
    this.#wanted = [];
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let next = this.#wanted[0]; next && !this.#stopped; next = this.#wanted[0]) {
      const { id } = next;
      try {
        if (!this.#delivered.has(id)) await this.#deps.deliver(next);
        this.#delivered.add(id);
        await this.#deps.acknowledge(id);
        this.#wanted = this.#wanted.filter((command) => command.id !== id);
      } catch {
        await this.#deps.wait(RETRY_MS);
      }
    }
    this.#running = false;
  }
}
