/**
 * A child that is one of our own Node processes: its program (built, else its source), its environment (an allow-list:
 * nothing else is inherited) and how to ask for its health.
 */
import { join } from 'node:path';
import type { PortName } from '../../src-shared/ports.ts';
import { builtProgram } from '../build/built-program.ts';
import { PROGRAMS, type ProgramName } from '../build/programs.ts';
import { nodeBinary, projectDir } from '../paths.ts';
import type { StationPlan } from '../plan/plan.ts';
import type { ChildSpec, LaunchCommand } from '../supervisor/child-spec.ts';
import { probeHealth } from '../supervisor/probes.ts';

/** System variables a program may need to run at all; none of them carries a secret. */
const SYSTEM_VARIABLES = [
  'PATH',
  'HOME',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'XDG_CACHE_HOME',
  'SystemRoot',
  'TEMP',
];

/**
 * Forked jobs of the agent inherit them. A small young generation: each process keeps up to three times its size, for
 * work that allocates little.
 */
const NODE_FLAGS = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=1'];

export interface ChildrenOptions {
  plan: StationPlan;
  /** Undefined where livekit-server could not be had: the station then runs without voice. */
  livekitBinary: string | undefined;
  pageDir: string;
  /** Folder of the built children (build/ensure-children.ts); without it they run from their sources. */
  builtDir?: string | undefined;
  /** Children that are started with Node's inspector, and its port on loopback (`npm run dev -- --inspect relay`). */
  inspectPorts?: ReadonlyMap<string, number> | undefined;
  /** Where the pages come from while they are being worked on; absent where they are built. */
  pageServer?: PageServer | undefined;
}

/** A server of pages on loopback that the station hands on, with the nonce that its inline scripts and styles carry. */
export interface PageServer {
  url: string;
  nonce: string;
}

/** A child that is one of our own Node processes. */
export function nodeChild(
  options: Pick<ChildrenOptions, 'plan' | 'builtDir' | 'inspectPorts'>,
  child: { name: ProgramName; port: PortName; env(): Record<string, string> },
): ChildSpec {
  const { plan } = options;
  return {
    name: child.name,
    launch: async (instanceId) => ({
      command: nodeBinary(),
      ...program(options, child.name, {
        ...systemEnvironment(),
        MINDBOT_INSTANCE_ID: instanceId,
        MINDBOT_DATA_DIR: plan.dataDir,
        MINDBOT_LOG_DIR: plan.logDir,
        LOG_LEVEL: plan.settings.LOG_LEVEL,
        ENVIRONMENT: plan.settings.ENVIRONMENT,
        ...child.env(),
      }),
    }),
    probe: (instanceId, timeoutMs) =>
      probeHealth(`http://127.0.0.1:${plan.ports[child.port]}/health`, instanceId, timeoutMs),
    parentDeathSignal: 'TERM',
    stopSignal: 'SIGTERM',
    outputFile: join(plan.logDir, `${child.name}.out`),
  };
}

/** The built child where there is one (asked at each spawn), else its source. */
function program(
  { builtDir, inspectPorts }: Pick<ChildrenOptions, 'builtDir' | 'inspectPorts'>,
  name: ProgramName,
  env: Record<string, string>,
): Pick<LaunchCommand, 'args' | 'env'> {
  const inspectPort = inspectPorts?.get(name);
  const flags = [...NODE_FLAGS, ...(inspectPort ? [`--inspect=127.0.0.1:${inspectPort}`] : [])];
  const built = builtProgram(builtDir, name);
  if (!built) return { args: [...flags, join(projectDir(), PROGRAMS[name].entry)], env };
  return { args: [...flags, built.program], env: { ...env, NODE_COMPILE_CACHE: built.compiledDir } };
}

/** The part of our environment that every child gets. */
export function systemEnvironment(): Record<string, string> {
  const entries = SYSTEM_VARIABLES.map((name) => [name, process.env[name]]).filter(([, value]) => value);
  return Object.fromEntries(entries) as Record<string, string>;
}
