/** `npm start -- --lan`: on which address of this machine, and when it is refused. */
import { isIPv4 } from 'node:net';
import type { networkInterfaces } from 'node:os';
import type { Settings } from '../settings/schema.ts';

export interface Lan {
  /** IPv4 address of this machine in its network. */
  address: string;
  /** The same with the size of the network, for example `192.168.1.17/24`. */
  cidr: string;
}

/** That `--lan` was asked for. */
export interface LanWish {
  /** The address to use; undefined lets us choose. */
  address: string | undefined;
}

/** Networks that end at a router, in the order in which a phone is likely to be there too. */
const PRIVATE = [/^192\.168\./, /^10\./, /^172\.(1[6-9]|2\d|3[01])\./, /^169\.254\./];

/** Interfaces that no phone is behind: containers, virtual machines, tunnels. */
const VIRTUAL =
  /^(docker|br-|veth|virbr|vmnet|vboxnet|vEthernet|tailscale|utun|wg|tun|tap|zt|lxc|lxd|cni|podman)/;

/**
 * The address for `wish`; undefined when none is wished.
 * @throws Error with what to do: settings that `--lan` does not go with, no network, an address that is not ours
 */
export function lanOf(
  wish: LanWish | undefined,
  settings: Settings,
  interfaces: ReturnType<typeof networkInterfaces>,
): Lan | undefined {
  if (!wish) return undefined;
  const problem = problemOf(settings);
  if (problem) throw new Error(`--lan is for a demo: ${problem}. Nothing was started.`);
  const own = ownAddresses(interfaces);
  if (wish.address !== undefined) {
    const named = own.find(({ address }) => address === wish.address);
    if (named) return named;
    throw new Error(
      `--lan-address ${wish.address} is no IPv4 address of this machine (${listOf(own)}). Nothing was started.`,
    );
  }
  const chosen = PRIVATE.map((range) =>
    own.find(({ name, address }) => !VIRTUAL.test(name) && range.test(address)),
  ).find((found) => found !== undefined);
  if (chosen) return chosen;
  throw new Error(
    `--lan found no address in a private network (${listOf(own)}): connect one, or name it with --lan-address. Nothing was started.`,
  );
}

function problemOf(settings: Settings): string | undefined {
  if (settings.ENVIRONMENT === 'production')
    return 'ENVIRONMENT=production needs RELAY_PUBLIC_URL with https://, since codes and cards would cross the network for all to read';
  if (settings.RELAY_URL) return 'RELAY_URL is set, so the claim page is not on this machine';
  if (settings.RELAY_PUBLIC_URL) return 'RELAY_PUBLIC_URL is set, and a phone goes there; remove one of them';
  if (settings.PAY_HERE === 'on')
    return 'PAY_HERE=on shows card fields at this computer, which stay on it; remove one of them';
  return undefined;
}

function ownAddresses(interfaces: ReturnType<typeof networkInterfaces>): (Lan & { name: string })[] {
  return Object.entries(interfaces).flatMap(([name, addresses]) =>
    (addresses ?? [])
      .filter(({ address, internal, cidr }) => !internal && isIPv4(address) && cidr !== null)
      .map(({ address, cidr }) => ({ name, address, cidr: String(cidr) })),
  );
}

function listOf(own: readonly { name: string; address: string }[]): string {
  return own.length === 0 ? 'it has none' : own.map(({ name, address }) => `${name}: ${address}`).join(', ');
}

/** What the terminal says: what is open, to whom, and what is not. */
export function lanNotice(lan: Lan, port: number, hasCheckout: boolean): string {
  const pages = hasCheckout ? 'the checkout of test payments and the claim page' : 'the claim page';
  return [
    `Open to the network ${lan.cidr}, without encryption: ${pages}, at http://${lan.address}:${port}.`,
    'Nothing else is: the kiosk, its admin window, the database and the rest of the relay stay on this machine.',
    `A phone that can't open it: same Wi-Fi? Does a firewall of this machine close port ${port}?`,
  ].join('\n');
}
