import { describe, expect, it } from 'vitest';
import { misspelt } from './near-names.ts';

const KNOWN = ['STRIPE_SECRET_KEY', 'SUPABASE_URL', 'LOG_LEVEL', 'DEBUG'];

describe('a misspelt name', () => {
  it.each([
    ['STRIPE_SECERT_KEY', 'STRIPE_SECRET_KEY'],
    ['STRIPE_SECRET_KEYS', 'STRIPE_SECRET_KEY'],
    ['STRIPESECRET_KEY', 'STRIPE_SECRET_KEY'],
    ['stripe-secret-key', 'STRIPE_SECRET_KEY'],
    ['SUPABASE_URI', 'SUPABASE_URL'],
    ['LOGLEVEL', 'LOG_LEVEL'],
  ])('%s is meant as %s', (name, meant) => {
    expect(misspelt([name], KNOWN)).toEqual([[name, meant]]);
  });

  it('is none of another program', () => {
    const others = [
      'PATH',
      'HOME',
      'DEBIAN',
      'STRIPE_DEVICE_NAME',
      'SUPABASE_DB_URL',
      'NODE_DEBUG',
      'LOGNAME',
    ];
    expect(misspelt(others, KNOWN)).toEqual([]);
  });

  it('is none where the right one is set too', () => {
    expect(misspelt(['STRIPE_SECRET_KEY', 'STRIPE_SECRET_KEY2'], KNOWN)).toEqual([]);
  });
});
