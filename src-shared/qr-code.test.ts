import { describe, expect, it } from 'vitest';
import { drawQrCode, qrPath } from './qr-code.ts';

describe('path of a QR code', () => {
  it('joins neighbours of a row into one run and skips light modules', () => {
    expect(qrPath([1, 1, 0, 0, 0, 1, 1, 0, 1], 3)).toBe('M0 0h2v1h-2zM2 1h1v1h-1zM0 2h1v1h-1zM2 2h1v1h-1z');
  });

  it('is empty for nothing dark', () => expect(qrPath([0, 0, 0, 0], 2)).toBe(''));
});

describe('drawing of a QR code', () => {
  it('keeps four light modules free on each side', () => {
    // The shortest texts fill a code of 21 modules (version 1).
    expect(drawQrCode('A').viewBox).toBe('-4 -4 29 29');
  });

  it('begins with the upper edge of the first finder pattern', () => {
    expect(drawQrCode('A').path).toMatch(/^M0 0h7v1h-7z/);
  });
});
