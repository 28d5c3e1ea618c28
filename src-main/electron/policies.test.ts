import { describe, expect, it } from 'vitest';
import {
  isBlockedKey,
  mayCallHost,
  mayHavePermission,
  mayNavigate,
  mayNavigateFrame,
  originOf,
} from './policies.ts';

const STATION = 'http://127.0.0.1:8010';
const press = (key: string, held: Partial<Record<'control' | 'alt' | 'meta' | 'shift', boolean>> = {}) => ({
  key,
  control: false,
  alt: false,
  meta: false,
  shift: false,
  ...held,
});

describe('permissions', () => {
  it('give the microphone to the station and to nobody else', () => {
    expect(mayHavePermission({ permission: 'media', origin: STATION, mediaTypes: ['audio'] }, STATION)).toBe(
      true,
    );
    for (const origin of [
      '',
      'null',
      'http://127.0.0.1:8011',
      'http://localhost:8010',
      'https://evil.example',
    ]) {
      expect(mayHavePermission({ permission: 'media', origin, mediaTypes: ['audio'] }, STATION)).toBe(false);
    }
  });

  it('never give the camera, nor anything not named', () => {
    expect(
      mayHavePermission({ permission: 'media', origin: STATION, mediaTypes: ['audio', 'video'] }, STATION),
    ).toBe(false);
    for (const permission of [
      'geolocation',
      'notifications',
      'fullscreen',
      'openExternal',
      'constructor',
      '__proto__',
    ]) {
      expect(mayHavePermission({ permission, origin: STATION }, STATION)).toBe(false);
    }
  });
});

describe('navigation', () => {
  it('stays on the station', () => {
    expect(mayNavigate(`${STATION}/launch?nonce=x`, STATION)).toBe(true);
    for (const url of [
      'about:blank',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'http://127.0.0.1:8010.evil.example/',
      `${STATION}@evil.example/`,
      'data:text/html,x',
      'blob:http://127.0.0.1:8010/x',
      '',
    ]) {
      expect(mayNavigate(url, STATION)).toBe(false);
    }
  });

  it('lets frames elsewhere only where a card may be typed, and only on the web', () => {
    for (const url of [
      'http://127.0.0.1:8003/pay/x',
      'https://js.stripe.com/v3/',
      'https://bank.example/acs',
    ]) {
      expect(mayNavigateFrame(url, STATION, false)).toBe(false);
      expect(mayNavigateFrame(url, STATION, true)).toBe(true);
      expect(mayNavigate(url, STATION)).toBe(false);
    }
    for (const url of ['file:///etc/passwd', 'javascript:alert(1)', 'data:text/html,x', '']) {
      expect(mayNavigateFrame(url, STATION, true)).toBe(false);
    }
  });

  it('does not trust an address without an origin', () => {
    expect(originOf('about:blank')).toBe('');
  });
});

describe('keys', () => {
  it('let a customer type and edit', () => {
    for (const key of ['a', 'Z', '7', 'Enter', 'Tab', 'Escape', 'Backspace', 'ArrowLeft', ' ']) {
      expect(isBlockedKey(press(key))).toBe(false);
    }
    expect(isBlockedKey(press('v', { control: true }))).toBe(false);
    expect(isBlockedKey(press('A', { shift: true }))).toBe(false);
  });

  it('block every way out', () => {
    const waysOut = [
      press('F4', { alt: true }),
      press('F11'),
      press('F12'),
      press('Tab', { alt: true }),
      press('w', { control: true }),
      press('q', { meta: true }),
      press('p', { control: true }),
      press('r', { control: true }),
      press('i', { control: true, shift: true }),
      press('+', { control: true }),
      press('Meta'),
    ];
    for (const out of waysOut) expect(isBlockedKey(out)).toBe(true);
  });
});

describe('calls to the host', () => {
  it('are heard from the station’s main frame only', () => {
    expect(mayCallHost({ url: `${STATION}/`, isMainFrame: true }, STATION)).toBe(true);
    expect(mayCallHost({ url: `${STATION}/`, isMainFrame: false }, STATION)).toBe(false);
    expect(mayCallHost({ url: 'about:blank', isMainFrame: true }, STATION)).toBe(false);
    expect(mayCallHost({ url: '', isMainFrame: true }, STATION)).toBe(false);
  });
});
