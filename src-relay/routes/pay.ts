/** GET /pay/:token: the page with Stripe's card fields, for a frame on the kiosk's own page. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { refusals } from '../model/errors.ts';
import { PAY_THEMES, payHeaders, payStatus, renderPayPage } from '../pages/pay-page.ts';
import { PAY_LANGUAGES } from '../pages/pay-words.ts';
import { lookUpPayPage, type PayPageNeeds } from '../payments/element-payments.ts';

/** One a visit, and one more each time somebody changes the language or the look. */
const PAGES_PER_MINUTE = 60;

/** How the kiosk's page around it looks; what makes no sense is as if it were not there. */
const lookSchema = z.object({
  lang: z.enum(PAY_LANGUAGES).catch('en'),
  theme: z.enum(PAY_THEMES).catch('system'),
  /** Height of body text in CSS pixels. */
  size: z.coerce.number().int().min(12).max(80).catch(18),
});

export function registerPayRoute(app: FastifyInstance, needs: PayPageNeeds): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/pay/:token',
    {
      config: { rateLimit: { max: PAGES_PER_MINUTE, timeWindow: '1 minute' } },
      schema: {
        hide: true,
        params: z.object({ token: z.string().max(100) }),
        querystring: lookSchema,
      },
    },
    async ({ params, query }, reply) => {
      const { payHere } = needs;
      if (!payHere) throw refusals.notFound();
      const view = await lookUpPayPage(needs, params.token);
      const pageUrl = `${needs.publicUrl}/pay/${params.token}`;
      return reply
        .code(payStatus(view))
        .headers(payHeaders(payHere))
        .send(renderPayPage(view, { ...query, payHere, pageUrl }));
    },
  );
}
