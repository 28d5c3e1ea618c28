import { create } from 'qrcode';
import { describe, expect, it } from 'vitest';
import type { CardBatch } from '../../src-shared/relay-api.ts';
import { renderCardSheet, SHEET_HEADERS } from './card-sheet.ts';

const card = (code: string | null, status: 'issued' | 'active') => ({
  cardId: '6a4d4a4e-58a7-4a2c-8a34-5a5f6b0f7c02',
  status,
  code,
  totalSeconds: 19_800,
  priceCents: 4_499,
  currency: 'usd',
});
const BATCH: CardBatch = {
  batchId: '5f0f6f8e-6d0a-4b52-9a57-0d9f3b8f5a01',
  packageId: 'basic',
  name: 'Basic <b>',
  note: 'Museum "shop"',
  createdAt: '2026-11-25T06:00:00.000Z',
  cards: [card('ABCD1234WXYZ', 'issued'), card('0123456789AB', 'issued'), card(null, 'active')],
};

describe('renderCardSheet', () => {
  const html = renderCardSheet(BATCH);

  it('prints each unused code in three groups with its time, and says how many are gone', () => {
    const codes = [...html.matchAll(/<p class="code">([^<]*)<\/p>/g)].map(([, code]) => code);
    expect(codes).toEqual(['ABCD-1234-WXYZ', '0123-4567-89AB']);
    expect(html).toContain('5 h 30 min of talking');
    expect(html).toContain('2 of 3 cards');
    expect(html).toContain('1 already used or revoked');
  });

  it('draws the QR code of the very code beside it', () => {
    const paths = [...html.matchAll(/<path d="([^"]*)"/g)].map(([, path]) => path ?? '');
    expect(paths).toHaveLength(2);
    const { data, size } = create('ABCD-1234-WXYZ', { errorCorrectionLevel: 'M' }).modules;
    // Neighbours are drawn as one run.
    const runs = [...(paths[0]?.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g) ?? [])];
    expect(runs.map(([run]) => run).join('')).toBe(paths[0]);
    const drawn = new Set(
      runs.flatMap(([, x, y, length]) =>
        Array.from({ length: Number(length) }, (_, step) => `${Number(x) + step} ${y}`),
      ),
    );
    const dark = [...data].flatMap((isDark, i) => (isDark ? [`${i % size} ${Math.floor(i / size)}`] : []));
    expect([...drawn]).toEqual(dark);
    expect(paths[1]).not.toBe(paths[0]);
  });

  it('escapes what people wrote, and can run and load nothing', () => {
    expect(html).not.toMatch(/<b>|"shop"|<script|https?:/);
    expect(SHEET_HEADERS['content-security-policy']).toContain("default-src 'none'");
    expect(SHEET_HEADERS['cache-control']).toBe('no-store');
  });
});
