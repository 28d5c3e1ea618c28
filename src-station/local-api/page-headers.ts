/** Headers of every answer: what the page may load and do. Everything not named is forbidden. */

/**
 * @param livekitUrl ws(s):// address that the page's voice client connects to, by WebSocket and by fetch
 * @param payPageOrigin whose page may stand in a frame, null for nobody's
 * @param nonce of inline scripts and styles; absent where there are none, as in every built page
 */
export function securityHeaders(
  livekitUrl: string,
  payPageOrigin: string | null,
  nonce?: string,
): Record<string, string> {
  const { host, protocol } = new URL(livekitUrl);
  const [socket, fetchScheme] =
    protocol === 'wss:' || protocol === 'https:' ? ['wss', 'https'] : ['ws', 'http'];
  const inline = nonce === undefined ? '' : ` 'nonce-${nonce}'`;
  const policy = [
    "default-src 'none'",
    `script-src 'self'${inline}`,
    `style-src 'self'${inline}`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self' ${socket}://${host} ${fetchScheme}://${host}`,
    "media-src 'self' blob: mediastream:",
    "worker-src 'self' blob:",
    "manifest-src 'self'",
    `frame-src ${payPageOrigin ?? "'none'"}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'permissions-policy':
      'microphone=(self), camera=(), geolocation=(), usb=(), serial=(), bluetooth=(), payment=(), display-capture=()',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  };
}
