/** Errors of the Auth API. Newer clients find the code in `code`, older ones in `error_code` (with `code` the status). */
import type { FastifyReply, FastifyRequest } from 'fastify';

const API_VERSION_HEADER = 'x-supabase-api-version';
const CODED_VERSION = '2024-01-01';

/** A refusal with GoTrue's status, error code and message. */
export class AuthError extends Error {
  readonly status: number;
  readonly code: string;
  /** Seconds after which trying again makes sense. */
  readonly retryAfterSeconds: number | undefined;
  constructor(status: number, code: string, message: string, retryAfterSeconds?: number) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Writes the error in the shape that the client's API version asks for. */
export function sendAuthError(request: FastifyRequest, reply: FastifyReply, error: AuthError): FastifyReply {
  reply.code(error.status);
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(error.retryAfterSeconds));
  const extra = error.code === 'weak_password' ? { weak_password: { reasons: ['length'] } } : {};
  const version = String(request.headers[API_VERSION_HEADER] ?? '');
  if (/^\d{4}-\d{2}-\d{2}$/.test(version) && version >= CODED_VERSION) {
    reply.header(API_VERSION_HEADER, CODED_VERSION);
    return reply.send({ code: error.code, message: error.message, ...extra });
  }
  return reply.send({ code: error.status, error_code: error.code, msg: error.message, ...extra });
}

export const validationFailed = (message: string) => new AuthError(400, 'validation_failed', message);
export const invalidCredentials = () =>
  new AuthError(400, 'invalid_credentials', 'Invalid login credentials');
export const sessionNotFound = () =>
  new AuthError(403, 'session_not_found', 'Session from session_id claim in JWT does not exist');
export const userNotFound = (status = 404) => new AuthError(status, 'user_not_found', 'User not found');
