import { describe, expect, it } from 'vitest';
import { payFrameHeight, payFrameUrl } from './pay-frame.ts';

describe('the frame with the card fields', () => {
  it('gets the look of the screen around it, and keeps its address', () => {
    const url = payFrameUrl('http://127.0.0.1:8003/pay/abc', { lang: 'ar', theme: 'dark', size: 27.6 });
    expect(url).toBe('http://127.0.0.1:8003/pay/abc?lang=ar&theme=dark&size=28');
  });

  it('may say how tall it is, within reason, and nothing else', () => {
    expect(payFrameHeight({ mindbotPay: 'happened', height: 411.2 })).toBe(412);
    for (const message of [
      null,
      'height',
      {},
      { height: '400' },
      { height: -1 },
      { height: 1e9 },
      { height: Number.NaN },
    ]) {
      expect(payFrameHeight(message)).toBeNull();
    }
  });
});
