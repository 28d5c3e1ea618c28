/** How anything thrown becomes an answer: refusals as they are, bad requests named, everything else a plain 500. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import type { Logger } from '../../src-runtime/log.ts';
import { INTERNAL_ERROR, RelayError, refusals } from '../model/errors.ts';
import { refusalOfLogic } from '../model/refusal-of.ts';

export function replyWithError(log: Logger) {
  return (error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply) => {
    const refusal = refusalOf(error);
    const context = { route: request.routeOptions.url, method: request.method, err: error };
    if (!refusal) log.error(context, 'request failed');
    else if (refusal.status >= 500) log.warn(context, 'request refused');
    const { status, code, message } = refusal ?? { status: 500, ...INTERNAL_ERROR };
    return reply.code(status).type('application/json').send({ error: { code, message } });
  };
}

/** The refusal behind an error; undefined when it is a fault of ours. */
export function refusalOf(error: FastifyError | Error): RelayError | undefined {
  const refusal = refusalOfLogic(error);
  if (refusal) return refusal;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const [first] = error.validation;
    const where = [error.validationContext, ...(first?.instancePath.split('/').filter(Boolean) ?? [])].join(
      '.',
    );
    return refusals.invalidRequest(`${where}: ${first?.message ?? 'is not as expected'}`);
  }
  const status = 'statusCode' in error ? error.statusCode : undefined;
  if (status === undefined || status < 400 || status >= 500) return undefined;
  return new RelayError(status, refusals.invalidRequest('').code, 'This request can’t be read.');
}
