/**
 * The claim page as HTML: where a payer's phone lands, and finds the code whatever happened to the kiosk. Small, with
 * nothing from elsewhere and no script; every value in it is escaped.
 */
import { cspHash } from '../../src-runtime/hash.ts';
import { formatCode } from '../../src-shared/activation-code.ts';
import type { ClaimView } from '../cards/claim.ts';
import { escapeHtml } from './html.ts';

/** How often a page that still waits loads itself again. */
const REFRESH_SECONDS = 3;

const STYLE = `
:root { color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif; }
body { max-width: 34rem; margin: 0 auto; padding: 2rem 1.25rem; }
h1 { font-size: 1.6rem; line-height: 1.25; }
.code { display: flex; flex-wrap: wrap; gap: .25rem .9rem; margin: 1.5rem 0; padding: 1rem; border: 3px solid;
  border-radius: .75rem; justify-content: center; font: 700 2.4rem/1.3 ui-monospace, monospace; letter-spacing: .06em; }
li { margin: .4rem 0; }
`;

/** Headers that go with the page: no caching, no referrer, no script, no frame. */
export const CLAIM_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy':
    `default-src 'none'; style-src ${cspHash(STYLE)}; ` +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'content-type': 'text/html; charset=utf-8',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex, nofollow',
};

export function claimStatus(view: ClaimView): number {
  if (view.kind === 'not_found') return 404;
  return view.kind === 'unavailable' ? 503 : 200;
}

export function renderClaimPage(view: ClaimView): string {
  const { title, body } = contentOf(view);
  const isWaiting = view.kind === 'confirming' || view.kind === 'unavailable';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${isWaiting ? `<meta http-equiv="refresh" content="${REFRESH_SECONDS}">\n` : ''}<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
}

function contentOf(view: ClaimView): { title: string; body: string } {
  switch (view.kind) {
    case 'code':
      return { title: 'Your time card is ready', body: codeBody(view.code, view.tierName) };
    case 'confirming':
      return {
        title: 'Your payment is being confirmed',
        body: '<p role="status">This takes a moment. The page renews itself and then shows your code.</p>',
      };
    case 'not_paid':
      return {
        title: 'This purchase was not completed',
        body: '<p>No payment arrived, so there is no code. You can start again at the kiosk.</p>',
      };
    case 'refunded':
      return {
        title: 'This purchase was refunded',
        body: '<p>The money went back to the card it came from, and the code can no longer be used.</p>',
      };
    case 'saved':
      return {
        title: 'This time is in an account now',
        body: '<p>It was saved to an account, so the code is no longer needed and can’t be used any more.</p>',
      };
    case 'unavailable':
      return {
        title: 'We can’t look this up right now',
        body: '<p role="status">Your purchase is safe. The page tries again by itself.</p>',
      };
    case 'not_found':
      return {
        title: 'Nothing was found here',
        body: '<p>Check that the address is complete, or ask the staff at the kiosk.</p>',
      };
  }
}

function codeBody(code: string, tierName: string): string {
  const groups = formatCode(code).split('-');
  const spans = groups.map((group) => `<span>${escapeHtml(group)}</span>`).join('');
  return `<p>${escapeHtml(tierName)}. This is your code:</p>
<p class="code" aria-label="${escapeHtml(groups.map((group) => [...group].join(' ')).join(', '))}">${spans}</p>
<ol>
<li>If the kiosk shows the code too, just tap to start.</li>
<li>Else type it at any kiosk. Capital or small letters, dashes and spaces don’t matter.</li>
<li>What is left after a talk stays on the code. Your time is valid for one year from first use.</li>
</ol>
<p>Keep this page or a photo of it, and show the code to nobody: whoever has it can use the time.</p>`;
}
