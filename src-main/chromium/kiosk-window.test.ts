import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  hasDisplay,
  kioskPreferences,
  kioskSwitches,
  makeProfile,
  windowEnvironment,
} from './kiosk-window.ts';

const ORIGIN = 'http://127.0.0.1:8010';

describe('the Chromium window', () => {
  it('has its own profile, full screen, and its sandbox unless run as root', () => {
    const switches = kioskSwitches({ profileDir: '/data/browser-profile', asRoot: false });
    expect(switches).toContain('--kiosk');
    expect(switches).toContain('--user-data-dir=/data/browser-profile');
    expect(switches).not.toContain('--no-sandbox');
    expect(kioskSwitches({ profileDir: '/p', asRoot: true })).toContain('--no-sandbox');
  });

  it('is not opened to debugging, and answers no permission question for everybody', () => {
    const switches = kioskSwitches({ profileDir: '/p', asRoot: true }).join(' ');
    expect(switches).not.toMatch(/remote-debugging|fake-ui|disable-web-security/);
  });

  it('gives the microphone to one origin and the camera to none', () => {
    const preferences = kioskPreferences(ORIGIN);
    expect(preferences).toMatchObject({
      profile: {
        default_content_setting_values: { media_stream_mic: 2, media_stream_camera: 2, geolocation: 2 },
        content_settings: { exceptions: { media_stream_mic: { [`${ORIGIN},*`]: { setting: 1 } } } },
      },
    });
    expect(JSON.stringify(preferences).match(/"setting":1/g)).toHaveLength(1);
  });

  it('gets the session’s variables and no setting', () => {
    const env = {
      DISPLAY: ':0',
      XDG_RUNTIME_DIR: '/run/user/1',
      STRIPE_SECRET_KEY: 'x',
      OPENAI_API_KEY: 'x',
    };
    expect(windowEnvironment(env)).toEqual({ DISPLAY: ':0', XDG_RUNTIME_DIR: '/run/user/1' });
  });

  it('starts with a profile that holds nothing of the last customer', () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'mindbot-profile-'));
    try {
      const profile = makeProfile(dataDir, ORIGIN);
      writeFileSync(join(profile, 'Cookies'), 'of a customer');
      expect(makeProfile(dataDir, ORIGIN)).toBe(profile);
      expect(() => statSync(join(profile, 'Cookies'))).toThrow(/ENOENT/);
      expect(readFileSync(join(profile, 'Default', 'Preferences'), 'utf8')).toContain(ORIGIN);
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });

  it.runIf(process.platform === 'linux')('needs a display', () => {
    expect(hasDisplay({})).toBe(false);
    expect(hasDisplay({ DISPLAY: ':0' })).toBe(true);
    expect(hasDisplay({ WAYLAND_DISPLAY: 'wayland-0' })).toBe(true);
  });
});
