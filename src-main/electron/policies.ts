/**
 * What the kiosk window may do, as decisions without Electron in them: each takes plain values and answers yes or no,
 * so that every rule is tested without a window. kiosk-window.ts and host-calls.ts wire them to Electron's hooks. Everything not named is
 * refused (Electron security checklist, items 4, 5, 12 to 15).
 */

/** Permissions the page's own origin gets, each with its reason. */
const GRANTED: Readonly<Record<string, string>> = {
  media: 'the talk needs the microphone',
  'loopback-network': 'the page talks with the station and LiveKit on this machine',
};

export interface PermissionRequest {
  permission: string;
  /** Origin that asks; empty or `null` for about:blank and sandboxed frames. */
  origin: string;
  /** For `media`: what is asked for. */
  mediaTypes?: readonly string[] | undefined;
}

/** Whether the window may have a permission: the station's origin only, the microphone but never the camera. */
export function mayHavePermission(request: PermissionRequest, stationOrigin: string): boolean {
  if (request.origin !== stationOrigin) return false;
  if (!Object.hasOwn(GRANTED, request.permission)) return false;
  return !request.mediaTypes?.includes('video');
}

/** Whether the window may go to `url`: pages of the station only. */
export function mayNavigate(url: string, stationOrigin: string): boolean {
  return originOf(url) === stationOrigin;
}

/**
 * Whether a frame inside the page may go to `url`. Where a card may be typed here, the frame with its fields and what
 * Stripe and the payer's bank open inside it: the page's Content-Security-Policy says who may stand in the first frame.
 */
export function mayNavigateFrame(url: string, stationOrigin: string, payHere: boolean): boolean {
  return mayNavigate(url, stationOrigin) || (payHere && originOf(url) !== '');
}

/** Origin of an address; empty when it has none that can be trusted. */
export function originOf(url: string): string {
  try {
    const { origin, protocol } = new URL(url);
    return protocol === 'http:' || protocol === 'https:' ? origin : '';
  } catch {
    return '';
  }
}

/** A key press as Electron's `before-input-event` gives it. */
export interface KeyPress {
  key: string;
  control: boolean;
  alt: boolean;
  meta: boolean;
  shift: boolean;
}

/** With Ctrl or Cmd a customer may edit text and nothing else. */
const EDITING_KEYS = new Set(['a', 'c', 'v', 'x', 'z']);

/** Whether a key press must not reach the window: shortcuts are ways out (print, devtools, close, zoom, full screen). */
export function isBlockedKey(press: KeyPress): boolean {
  if (/^F([1-9]|1[0-9]|2[0-4])$/.test(press.key)) return true;
  if (press.alt || press.key === 'Meta' || press.key === 'ContextMenu') return true;
  if (press.control || press.meta) return press.shift || !EDITING_KEYS.has(press.key.toLowerCase());
  return false;
}

/** Calls the preload may make; anything else is refused. */
export const HOST_CALLS = ['print', 'exit', 'restart', 'display'] as const;
export type HostCall = (typeof HOST_CALLS)[number];

/** Whether a call over IPC is heard: from the station's own page in the main frame. */
export function mayCallHost(sender: { url: string; isMainFrame: boolean }, stationOrigin: string): boolean {
  return sender.isMainFrame && originOf(sender.url) === stationOrigin;
}
