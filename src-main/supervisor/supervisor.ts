/**
 * Runs the children by the rules of child-machine.ts: spawns, asks each for its health, restarts, stops all. The only
 * place that starts long-lived processes.
 */
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Logger } from '../../src-runtime/log.ts';
import {
  type ChildEvent,
  type ChildPhase,
  type ChildState,
  DEFAULT_LIMITS,
  INITIAL_CHILD_STATE,
  type SupervisionLimits,
  stepChild,
} from './child-machine.ts';
import type { ChildSpec, ProbeAnswer } from './child-spec.ts';
import type { ProcessRecord } from './run-file.ts';
import { signalGroup, spawnChild } from './spawn.ts';

/** How often children are asked, and when patience ends; tests of real processes are given shorter ones. */
export interface SupervisionTiming {
  heartbeatMs: number;
  probeTimeoutMs: number;
  limits: SupervisionLimits;
}

const DEFAULT_TIMING: SupervisionTiming = {
  heartbeatMs: 5_000,
  probeTimeoutMs: 2_000,
  limits: DEFAULT_LIMITS,
};
/** While a child starts it is asked often, so that the start is not slowed by our own waiting. */
const STARTING_PROBE_MS = 60;
/** Alive but waiting for a peer: asked often at first, as at each start all wait for a moment. */
const WAITING_PROBE_MS = 150;
const LONG_WAITING_PROBE_MS = 1_000;
const SHORT_WAIT_MS = 10_000;

export interface ChildStatus {
  name: string;
  phase: ChildPhase;
  status: 'ok' | 'degraded' | 'starting' | 'down';
  notes: string[];
  restarts: number;
  lastExit: string | null;
  pid: number | null;
}

interface Child {
  spec: ChildSpec;
  state: ChildState;
  instanceId: string;
  process: ChildProcess | null;
  answer: ProbeAnswer;
  restarts: number;
  wake: NodeJS.Timeout | undefined;
  probe: NodeJS.Timeout | undefined;
}

export class Supervisor {
  readonly #children = new Map<string, Child>();
  readonly #log: Logger;
  readonly #record: ProcessRecord;
  readonly #listeners = new Set<() => void>();
  readonly #timing: SupervisionTiming;
  #stopping = false;

  constructor(
    specs: readonly ChildSpec[],
    record: ProcessRecord,
    log: Logger,
    timing: SupervisionTiming = DEFAULT_TIMING,
  ) {
    this.#record = record;
    this.#log = log;
    this.#timing = timing;
    for (const spec of specs) {
      this.#children.set(spec.name, {
        spec,
        state: INITIAL_CHILD_STATE,
        instanceId: '',
        process: null,
        answer: { alive: false },
        restarts: 0,
        wake: undefined,
        probe: undefined,
      });
    }
  }

  /** Starts all children at once: each keeps trying its peers. */
  start(): void {
    for (const child of this.#children.values()) this.#handle(child, { type: 'start' });
  }

  statuses(): ChildStatus[] {
    return [...this.#children.values()].map((child) => ({
      name: child.spec.name,
      phase: child.state.phase,
      status: child.state.phase === 'ready' && child.answer.alive ? child.answer.status : 'down',
      notes: child.answer.alive ? child.answer.notes : [],
      restarts: child.restarts,
      lastExit: child.state.lastExit,
      pid: child.process?.pid ?? null,
    }));
  }

  /** Calls `listener` after each change of any child; gives the function that ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends one child cleanly and starts it again at once; one that waits for its next try starts now. */
  restart(name: string): void {
    const child = this.#children.get(name);
    if (child) this.#handle(child, { type: 'restart' });
  }

  /** Stops all children, last started first; resolves when every process is gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const child of [...this.#children.values()].reverse()) {
      this.#handle(child, { type: 'stop' });
      await this.#until(() => child.state.phase === 'stopped');
    }
  }

  #until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => {
      const end = this.onChange(() => {
        if (!condition()) return;
        end();
        resolve();
      });
    });
  }

  #handle(child: Child, event: ChildEvent): void {
    const before = child.state.phase;
    const { state, effects } = stepChild(child.state, event, performance.now(), this.#timing.limits);
    child.state = state;
    for (const effect of effects) {
      switch (effect.type) {
        case 'spawn':
          void this.#spawn(child);
          break;
        case 'signal':
          this.#signal(child, effect.signal);
          break;
        case 'wake':
          clearTimeout(child.wake);
          child.wake = setTimeout(() => this.#handle(child, { type: 'timer' }), effect.afterMs);
          break;
        case 'tell':
          this.#log[effect.level](
            { child: child.spec.name, phase: state.phase },
            `${child.spec.name}: ${effect.message}`,
          );
          break;
      }
    }
    if (state.phase === 'ready' || state.phase === 'stopped') clearTimeout(child.wake);
    if (state.phase !== before) for (const listener of [...this.#listeners]) listener();
  }

  async #spawn(child: Child): Promise<void> {
    child.instanceId = randomUUID();
    child.answer = { alive: false };
    try {
      const launch = await child.spec.launch(child.instanceId);
      if (child.state.phase !== 'starting')
        return this.#handle(child, { type: 'exited', code: 0, signal: null });
      const spawned = spawnChild(launch, child.spec.parentDeathSignal, child.spec.outputFile);
      child.process = spawned;
      const ended = (code: number | null, signal: string | null) => {
        if (child.process !== spawned) return;
        child.process = null;
        clearTimeout(child.probe);
        // What the child forked (agent jobs) must not live on beside its successor.
        if (spawned.pid) signalGroup(spawned.pid, 'SIGKILL');
        this.#note(() => this.#record.remove(child.spec.name));
        child.restarts += this.#stopping ? 0 : 1;
        this.#handle(child, { type: 'exited', code, signal });
      };
      spawned.once('error', (error) => {
        this.#log.error({ child: child.spec.name, err: error }, 'could not be started');
        ended(null, null);
      });
      spawned.once('exit', ended);
      spawned.stdin?.on('error', () => undefined);
      const { pid } = spawned;
      if (pid) this.#note(() => this.#record.add(child.spec.name, pid));
      this.#probeSoon(child, spawned, STARTING_PROBE_MS);
    } catch (error) {
      this.#log.error({ child: child.spec.name, err: error }, 'could not be prepared');
      child.process = null;
      this.#handle(child, { type: 'exited', code: null, signal: null });
    }
  }

  /** A full disk must not end the host, nor make it lose sight of a child that runs. */
  #note(change: () => void): void {
    try {
      change();
    } catch (error) {
      this.#log.error({ err: error }, 'the list of processes could not be written');
    }
  }

  #signal(child: Child, signal: 'SIGTERM' | 'SIGKILL'): void {
    if (!child.process?.pid) return;
    // A polite end goes to the leader alone, which ends its own; a kill goes to all.
    if (signal === 'SIGKILL') signalGroup(child.process.pid, 'SIGKILL');
    else child.process.kill(child.spec.stopSignal);
  }

  #probeSoon(child: Child, spawned: ChildProcess, afterMs: number): void {
    child.probe = setTimeout(async () => {
      const answer = await child.spec
        .probe(child.instanceId, this.#timing.probeTimeoutMs)
        .catch(() => ({ alive: false }) as const);
      if (child.process !== spawned) return;
      const changed = textOf(answer) !== textOf(child.answer);
      child.answer = answer;
      this.#handle(child, { type: 'beat', answer: answer.alive ? 'ok' : 'none' });
      if (changed) for (const listener of [...this.#listeners]) listener();
      const settled = child.state.phase === 'ready' && answer.alive && answer.status === 'ok';
      this.#probeSoon(child, spawned, settled ? this.#timing.heartbeatMs : this.#unsettledPauseMs(child));
    }, afterMs);
  }

  /** Starting: asked often. Ready but not yet well (waiting for a peer): less often with time. Silent: at the heartbeat. */
  #unsettledPauseMs(child: Child): number {
    if (child.state.phase === 'starting') return STARTING_PROBE_MS;
    if (!child.answer.alive) return this.#timing.heartbeatMs;
    const waitedMs = performance.now() - child.state.sinceMs;
    return waitedMs < SHORT_WAIT_MS ? WAITING_PROBE_MS : LONG_WAITING_PROBE_MS;
  }
}

/** All that an answer says, for comparing: what a child still waits for counts as well as its status. */
function textOf(answer: ProbeAnswer): string {
  return answer.alive ? [answer.status, ...answer.notes].join('\n') : 'down';
}
