/**
 * One structured logger per process: JSON lines into `<logDir>/<file>`, rotated by size, readable by the owner only.
 * Promise: no secret and no spoken word reaches a log. Known secret fields are redacted here; callers log ids and
 * event names, never transcripts or codes.
 */
import { mkdirSync } from 'node:fs';
import { type Logger, pino } from 'pino';
import { createStream } from 'rotating-file-stream';

export type { Logger };

/** Fields that are replaced by `[redacted]` wherever they appear at the top level or one level down. */
const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'apiKey',
  'apiSecret',
  'secret',
  'password',
  'token',
  'accessToken',
  'refreshToken',
  'code',
  'clientSecret',
];

const LOG_FILE_MAX_SIZE = '10M';
const LOG_FILES_KEPT = 10;

export interface LogOptions {
  /** Name of the process, a field of each line. */
  service: string;
  /** Directory of the log files; without it lines go to stderr (tests, tools). */
  dir?: string | undefined;
  /** File name inside `dir`, for example `webhook-server.log`. */
  file?: string | undefined;
  /** pino level: fatal, error, warn, info, debug, trace or silent. */
  level?: string | undefined;
}

/** Makes the logger of a process. Creates `dir` (mode 0700) when it is missing. */
export function createLogger(options: LogOptions): Logger {
  const settings = {
    base: { service: options.service, pid: process.pid },
    level: options.level ?? 'info',
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
  };
  if (!options.dir || !options.file) return pino(settings, pino.destination({ fd: 2, sync: true }));
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  const stream = createStream(options.file, {
    path: options.dir,
    size: LOG_FILE_MAX_SIZE,
    maxFiles: LOG_FILES_KEPT,
    mode: 0o600,
  });
  return pino(settings, stream);
}
