/**
 * A batch of cards as a sheet to print and cut: each with its code in three groups and as a QR code. Nothing from
 * elsewhere and no script; every value in it is escaped. Cards that were used or revoked are only counted: their codes
 * are nobody else's business any more.
 */
import { cspHash } from '../../src-runtime/hash.ts';
import { formatCode } from '../../src-shared/activation-code.ts';
import { durationParts } from '../../src-shared/duration.ts';
import { drawQrCode } from '../../src-shared/qr-code.ts';
import type { CardBatch } from '../../src-shared/relay-api.ts';
import { escapeHtml } from './html.ts';

const STYLE = `
@page { margin: 12mm; }
body { margin: 0; color: #000; background: #fff; font: 10pt/1.4 system-ui, sans-serif; }
header { padding: 4mm 0; }
h1 { margin: 0; font-size: 14pt; }
header p { margin: 1mm 0 0; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(80mm, 1fr)); }
article { display: flex; gap: 4mm; align-items: center; padding: 4mm; border: .2mm dashed #888; break-inside: avoid; }
article h2 { margin: 0; font-size: 12pt; }
article p { margin: 1mm 0 0; }
.code { font: 700 13pt/1.3 ui-monospace, monospace; white-space: nowrap; }
svg { width: 26mm; height: 26mm; flex: none; }
`;

/** Headers that go with the sheet: it may be stored nowhere and run nothing. */
export const SHEET_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy':
    `default-src 'none'; style-src ${cspHash(STYLE)}; ` +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'content-type': 'text/html; charset=utf-8',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

export function renderCardSheet(batch: CardBatch): string {
  const printable = batch.cards.flatMap((card) => (card.code === null ? [] : [{ ...card, code: card.code }]));
  const gone = batch.cards.length - printable.length;
  const title = `${batch.name}: ${printable.length} of ${batch.cards.length} cards`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escapeHtml(title)}</h1>
<p>Batch ${escapeHtml(batch.batchId)}, issued ${escapeHtml(batch.createdAt)}. ${escapeHtml(batch.note)}</p>
${gone > 0 ? `<p>${gone} already used or revoked: not printed.</p>\n` : ''}<p>A code is as good as money: whoever has it can use the time.</p>
</header>
<main>
${printable.map((card) => cardHtml(batch.name, card)).join('\n')}
</main>
</body>
</html>
`;
}

function cardHtml(name: string, card: CardBatch['cards'][number] & { code: string }): string {
  const code = formatCode(card.code);
  return `<article>
${qrSvg(code)}
<div>
<h2>${escapeHtml(name)}</h2>
<p>${timeOf(card.totalSeconds)} of talking</p>
<p class="code">${escapeHtml(code)}</p>
<p>Type it at any kiosk. Valid for one year from first use.</p>
</div>
</article>`;
}

/** `30 h`, `5 h 30 min`. */
function timeOf(totalSeconds: number): string {
  const { hours, minutes, seconds } = durationParts(totalSeconds);
  const parts = [hours && `${hours} h`, minutes && `${minutes} min`, seconds && `${seconds} s`];
  return parts.filter(Boolean).join(' ');
}

/** A QR code as one SVG path, dark on white. */
function qrSvg(text: string): string {
  const { path, viewBox } = drawQrCode(text);
  return `<svg viewBox="${viewBox}" role="img" aria-label="QR code of ${escapeHtml(text)}" shape-rendering="crispEdges"><path d="${path}"/></svg>`;
}
