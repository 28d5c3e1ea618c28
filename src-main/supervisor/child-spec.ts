/** What the supervisor needs to know of a child; src-main/children/ writes one per child. */

export type ProbeAnswer =
  | { alive: false }
  | { alive: true; status: 'ok' | 'degraded' | 'starting'; notes: string[] };

/** A command line with the whole environment of the child: nothing is inherited but what stands here. */
export interface LaunchCommand {
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  cwd?: string;
}

export interface ChildSpec {
  name: string;
  /** Builds the command for one spawn; `instanceId` is new each time. May prepare files first. */
  launch(instanceId: string): Promise<LaunchCommand>;
  /** Asks whether this very instance is alive and how it is. Must answer within `timeoutMs`. */
  probe(instanceId: string, timeoutMs: number): Promise<ProbeAnswer>;
  /** Signal for a child whose parent is gone (Linux); a database wants INT (fast shutdown). */
  parentDeathSignal: 'TERM' | 'KILL' | 'INT';
  /** What asks it to end cleanly. */
  stopSignal: 'SIGTERM' | 'SIGINT';
  /** Where stdout and stderr of the child go (its own log file is its own business). */
  outputFile: string;
}
