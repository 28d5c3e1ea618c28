import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { readSettings } from '../settings/settings.ts';
import { lanNotice, lanOf } from './lan.ts';

function ipv4(cidr: string, internal = false): NetworkInterfaceInfo {
  const address = cidr.split('/')[0] ?? '';
  return { address, cidr, internal, family: 'IPv4', mac: '', netmask: '' };
}

const INTERFACES = {
  lo: [ipv4('127.0.0.1/8', true)],
  docker0: [ipv4('192.168.99.1/24')],
  eth0: [ipv4('10.0.0.5/16')],
  eth1: [ipv4('203.0.113.9/24')],
  wlan0: [ipv4('192.168.1.17/24')],
};
const of = (settings: Record<string, string>, address?: string, interfaces: object = INTERFACES) =>
  lanOf({ address }, readSettings(settings), interfaces as typeof INTERFACES);

describe('the address for phones', () => {
  it('is looked for only when asked for', () => {
    expect(lanOf(undefined, readSettings({}), INTERFACES)).toBeUndefined();
  });

  it('is the one in the private network where a phone is likely to be', () => {
    expect(of({})).toMatchObject({ address: '192.168.1.17', cidr: '192.168.1.17/24' });
    const { wlan0: _, ...wired } = INTERFACES;
    expect(of({}, undefined, wired)).toMatchObject({ address: '10.0.0.5' });
  });

  it('is never chosen in a public network or among containers, only named there', () => {
    const { eth1, docker0, lo } = INTERFACES;
    expect(() => of({}, undefined, { lo, docker0, eth1 })).toThrow(
      /docker0: 192.168.99.1, eth1: 203.0.113.9/,
    );
    expect(of({}, '203.0.113.9')).toMatchObject({ cidr: '203.0.113.9/24' });
    for (const address of ['127.0.0.1', '0.0.0.0', '192.168.1.18', 'wlan0', '']) {
      expect(() => of({}, address)).toThrow(/no IPv4 address of this machine/);
    }
    expect(() => of({}, undefined, { lo })).toThrow(/it has none/);
  });

  it('is refused beside settings that it does not go with', () => {
    const live = {
      ENVIRONMENT: 'production',
      STRIPE_SECRET_KEY: 'sk_live_1',
      STRIPE_WEBHOOK_SECRET: 'whsec_1',
      OPENAI_API_KEY: 'o',
      DEEPGRAM_API_KEY: 'd',
      RELAY_PUBLIC_URL: 'https://pay.example',
    };
    expect(() => of(live)).toThrow(/production/);
    expect(() => of({ RELAY_PUBLIC_URL: 'https://pay.example' })).toThrow(/RELAY_PUBLIC_URL is set/);
    expect(() => of({ PAY_HERE: 'on' })).toThrow(/PAY_HERE=on/);
    const fleet = {
      RELAY_URL: 'https://a.example',
      SUPABASE_URL: 'https://b.example',
      SUPABASE_ANON_KEY: 'a',
    };
    expect(() => of(fleet)).toThrow(/RELAY_URL is set/);
  });

  it('is said with what is open there', () => {
    const lan = of({});
    expect(lan && lanNotice(lan, 8060, true)).toMatch(
      /192.168.1.17\/24.*checkout.*http:\/\/192.168.1.17:8060/,
    );
    expect(lan && lanNotice(lan, 8060, false)).not.toContain('checkout');
  });
});
