/**
 * What a phone in the same network may ask for: the checkout of test payments and the claim page, and nothing else. A
 * pure judgement of one request; everything not named is refused.
 */
import { BlockList } from 'node:net';

/** Whose page it is. */
export type Owner = 'relay' | 'checkout';

export type Verdict =
  | { kind: 'pass'; owner: Owner; path: string }
  | { kind: 'refuse'; status: 403 | 404 | 405 | 421 };

/** Pages by their paths, which are matched whole and as they came: an encoded or a dotted path is none of these. */
const PAGES: readonly { path: RegExp; owner: Owner; methods: readonly string[] }[] = [
  { path: /^\/r\/[\w-]{8,64}$/, owner: 'relay', methods: ['GET'] },
  { path: /^\/c\/pay\/cs_test_\w{8,100}(\/3ds)?$/, owner: 'checkout', methods: ['GET', 'POST'] },
];

export interface Network {
  /** `192.168.1.17:8060`, as a phone's browser names us; another name is an attempt by way of a foreign one. */
  host: string;
  /** Whether an address belongs to the network that the pages are for. */
  contains(address: string): boolean;
}

/** @param cidr for example `192.168.1.17/24`; IPv4 @throws Error when it is none */
export function networkOf(cidr: string, port: number): Network {
  const [address = '', bits] = cidr.split('/');
  const list = new BlockList();
  list.addSubnet(address, Number(bits), 'ipv4');
  return { host: `${address}:${port}`, contains: (candidate) => list.check(candidate, 'ipv4') };
}

/** @param url path and query as they stand in the request line; a query means nothing to these pages and is dropped */
export function judge(
  request: { method: string; url: string; host: string | undefined; from: string },
  network: Network,
): Verdict {
  if (!network.contains(request.from)) return { kind: 'refuse', status: 403 };
  if (request.host !== network.host) return { kind: 'refuse', status: 421 };
  const path = request.url.split('?', 1)[0] ?? '';
  const page = PAGES.find((candidate) => candidate.path.test(path));
  if (!page) return { kind: 'refuse', status: 404 };
  if (!page.methods.includes(request.method)) return { kind: 'refuse', status: 405 };
  return { kind: 'pass', owner: page.owner, path };
}
