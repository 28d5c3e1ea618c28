/**
 * `npm start -- --lan`: lets phones in the same network reach the checkout of test payments and the claim page of a
 * demo, which else live on loopback. In production a tunnel or proxy with HTTPS does that.
 */
import { z } from 'zod';
import { runChild } from '../../src-runtime/child.ts';
import { portVariable } from '../../src-runtime/environment.ts';
import { serveLan } from './server.ts';

const loopback = z.url({ protocol: /^http$/, hostname: /^127\.0\.0\.1$/ });

const environment = z.object({
  PORT: portVariable,
  /** The machine's address with the size of its network, for example `192.168.1.17/24`. */
  LAN_CIDR: z.cidrv4(),
  RELAY_URL: loopback,
  /** Where the embedded payments are; absent where payments are Stripe's own. */
  CHECKOUT_URL: loopback.optional(),
});

runChild({
  name: 'lan',
  logFile: 'embedded-lan.log',
  environment,
  async start({ env, log }) {
    if (env.ENVIRONMENT === 'production') {
      throw new Error('Pages for the local network are refused when ENVIRONMENT=production.');
    }
    return serveLan({
      cidr: env.LAN_CIDR,
      port: env.PORT,
      owners: { relay: env.RELAY_URL, ...(env.CHECKOUT_URL && { checkout: env.CHECKOUT_URL }) },
      instanceId: env.MINDBOT_INSTANCE_ID,
      log,
    });
  },
});
