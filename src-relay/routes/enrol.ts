/** POST /enrol: a new kiosk comes for its device account. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { deviceAccountSchema, enrolRequestSchema } from '../../src-shared/relay-api.ts';
import { type EnrolmentNeeds, enrol } from '../accounts/enrolment.ts';
import { withErrors } from '../model/errors.ts';

/** Above what a technician types; the database counts the wrong ones more strictly. */
const ENROLMENTS_PER_MINUTE = 20;

export function registerEnrolRoute(app: FastifyInstance, needs: EnrolmentNeeds): void {
  app.withTypeProvider<ZodTypeProvider>().post(
    '/enrol',
    {
      config: { rateLimit: { max: ENROLMENTS_PER_MINUTE, timeWindow: '1 minute' } },
      schema: {
        summary: 'Exchange a one-time code for a device account',
        body: enrolRequestSchema,
        response: withErrors(deviceAccountSchema),
      },
    },
    ({ body, ip }) => enrol(needs, body, ip),
  );
}
