/** Debian's packages for the embedded speech and the kiosk window. */
import { existsSync } from 'node:fs';
import { findChromium, hasDisplay } from '../../chromium/kiosk-window.ts';
import { SPEECH_PACKAGES } from '../../setup/debian-packages.ts';
import { type Check, type DoctorContext, type Finding, ok, warn } from '../check.ts';

export const checkPackages: Check = async (context) => [...speech(context), ...(await browser(context))];

function speech({ parts }: DoctorContext): Finding[] {
  if (!parts.deepgram) return [];
  const missing = SPEECH_PACKAGES.filter(({ file }) => !existsSync(file)).map(({ name }) => name);
  if (missing.length === 0) return [ok('Speech', SPEECH_PACKAGES.map(({ name }) => name).join(', '))];
  return [
    warn(
      'Speech',
      `${missing.join(', ')} not installed: customers can type, not speak`,
      `run: sudo apt-get install ${missing.join(' ')} (a start as root does it by itself)`,
    ),
  ];
}

async function browser({ env }: DoctorContext): Promise<Finding[]> {
  if (!hasDisplay(env)) {
    const remedy = 'for a kiosk, start in a graphical session; without one, use the printed address';
    return [warn('Window', 'no display here: no window will open', remedy)];
  }
  const chromium = findChromium();
  if (chromium) return [ok('Window', chromium)];
  return [warn('Window', 'no Chromium was found', 'run: sudo apt-get install chromium')];
}
