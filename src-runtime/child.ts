/**
 * The life of a child process, the same for all: start, say ready, stop cleanly on SIGTERM, SIGINT or when the parent
 * is gone. `runChild` is called once, at the bottom of each process's main.ts.
 */
import type { z } from 'zod';
import { type ProcessEnvironment, processEnvironment, readEnvironment } from './environment.ts';
import { createLogger, type Logger } from './log.ts';

export interface ChildContext<Environment> {
  env: Environment & ProcessEnvironment;
  log: Logger;
}

export interface ChildDefinition<Shape extends z.ZodRawShape> {
  /** Name of the process as the supervisor knows it, for example `relay`. */
  name: string;
  /** Log file inside MINDBOT_LOG_DIR, for example `webhook-server.log`. */
  logFile: string;
  /** The variables this process takes besides the common ones. */
  environment: z.ZodObject<Shape>;
  /** Starts the process; resolves when it serves, with the function that stops it. */
  start(context: ChildContext<z.infer<z.ZodObject<Shape>>>): Promise<() => Promise<void> | void>;
}

/** Longest wait for a clean stop before the process ends itself. */
const STOP_TIMEOUT_MS = 4_000;

/** Runs one child process to its end. Exits with 0 after a clean stop, 1 after a failed start, 70 after a fault. */
export function runChild<Shape extends z.ZodRawShape>(definition: ChildDefinition<Shape>): void {
  void run(definition);
}

async function run<Shape extends z.ZodRawShape>(definition: ChildDefinition<Shape>): Promise<void> {
  let log: Logger | undefined;
  try {
    const common = readEnvironment(processEnvironment);
    const env = { ...readEnvironment(definition.environment), ...common };
    log = createLogger({
      service: definition.name,
      dir: env.MINDBOT_LOG_DIR,
      file: definition.logFile,
      level: env.LOG_LEVEL,
    });
    const fault = (kind: string) => (error: unknown) => {
      log?.fatal({ err: error }, kind);
      process.stderr.write(
        `${definition.name}: ${kind}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      );
      process.exit(70);
    };
    process.on('uncaughtException', fault('uncaught exception'));
    process.on('unhandledRejection', fault('unhandled rejection'));
    const stop = await definition.start({
      env: env as ChildContext<z.infer<z.ZodObject<Shape>>>['env'],
      log,
    });
    log.info({ instance: env.MINDBOT_INSTANCE_ID }, 'ready');
    endWithParent(async (reason) => {
      log?.info({ reason }, 'stopping');
      setTimeout(() => process.exit(0), STOP_TIMEOUT_MS).unref();
      await stop();
      process.exit(0);
    });
  } catch (error) {
    log?.fatal({ err: error }, 'start failed');
    process.stderr.write(`${definition.name}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}

/** Calls `stop` once, on SIGTERM, SIGINT or (when the supervisor holds our stdin as a pipe) on its end. */
function endWithParent(stop: (reason: string) => Promise<void>): void {
  let stopping = false;
  const once = (reason: string) => {
    if (stopping) return;
    stopping = true;
    void stop(reason).catch(() => process.exit(1));
  };
  process.on('SIGTERM', () => once('SIGTERM'));
  process.on('SIGINT', () => once('SIGINT'));
  if (process.env['MINDBOT_STDIN_LIFELINE'] === '1') {
    process.stdin.on('end', () => once('parent gone')).on('error', () => once('parent gone'));
    process.stdin.resume();
  }
}
