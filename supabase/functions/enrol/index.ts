/** POST enrol: the relay's POST /enrol. */
import { enrol } from '../../../src-relay/accounts/enrolment.ts';
import { enrolRequestSchema } from '../../../src-shared/relay-api.ts';
import { parts } from '../_shared/parts.ts';
import { bodyAs, serveFunction } from '../_shared/serve.ts';

serveFunction('enrol', '/enrol', {
  'POST /enrol': (call) => {
    // Written by the gateway; a forged one gains nothing, since all tries together are counted too.
    const address = call.headers.get('x-forwarded-for')?.split(',')[0]?.trim() ?? 'unknown';
    return enrol(parts, bodyAs(enrolRequestSchema, call), address);
  },
});
