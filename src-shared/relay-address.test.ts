import { describe, expect, it } from 'vitest';
import { relayAddress } from './relay-address.ts';

describe('relayAddress', () => {
  it.each([
    ['http://127.0.0.1:8003', '/redeem', 'http://127.0.0.1:8003/redeem'],
    ['https://pay.example/', '/purchases/1?visitId=2', 'https://pay.example/purchases/1?visitId=2'],
    ['https://a.supabase.co/functions/v1', '/enrol', 'https://a.supabase.co/functions/v1/enrol'],
    ['https://a.supabase.co/functions/v1', '/redeem', 'https://a.supabase.co/functions/v1/redeem'],
    ['https://a.supabase.co/functions/v1', '/rooms/legs', 'https://a.supabase.co/functions/v1/rooms/legs'],
    [
      'https://a.supabase.co/functions/v1',
      '/user/1/balance',
      'https://a.supabase.co/functions/v1/user/1/balance',
    ],
    [
      'https://a.supabase.co/functions/v1',
      '/wallets/save',
      'https://a.supabase.co/functions/v1/wallets/save',
    ],
    [
      'https://a.supabase.co/functions/v1/',
      '/purchases/1?visitId=2',
      'https://a.supabase.co/functions/v1/create-payment/purchases/1?visitId=2',
    ],
  ])('%s has %s at %s', (base, path, address) => {
    expect(relayAddress(base, path)).toBe(address);
  });
});
