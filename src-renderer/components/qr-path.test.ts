import { describe, expect, it } from 'vitest';
import { qrPath } from './qr-path.ts';

describe('path of a QR code', () => {
  it('joins neighbours of a row into one run and skips light modules', () => {
    expect(qrPath([1, 1, 0, 0, 0, 1, 1, 0, 1], 3)).toBe('M0 0h2v1h-2zM2 1h1v1h-1zM0 2h1v1h-1zM2 2h1v1h-1z');
  });

  it('is empty for nothing dark', () => expect(qrPath([0, 0, 0, 0], 2)).toBe(''));
});
