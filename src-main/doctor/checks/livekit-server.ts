/** The embedded LiveKit server's program: installed, made before, or to be made at the next start. */
import { existsSync } from 'node:fs';
import { cachedLivekitServer } from '../../setup/livekit-binary.ts';
import { onPath } from '../../setup/run.ts';
import { type Check, fail, ok, warn } from '../check.ts';

const NAME = 'livekit-server';

export const checkLivekitServer: Check = async ({ parts }) => {
  if (!parts.livekit) return [];
  const installed = onPath('livekit-server');
  if (installed) return [ok(NAME, installed)];
  const cached = cachedLivekitServer();
  if (existsSync(cached)) return [ok(NAME, cached)];
  if (onPath('go')) {
    const text = 'not there yet; the first start downloads it, or builds it with Go in one to three minutes';
    return [warn(NAME, text, 'nothing to do but wait at the first start')];
  }
  return [
    fail(
      NAME,
      'not there, and no Go to build it: no talk without it (unless the first start can download it)',
      'install Go 1.26 or newer, or put livekit-server on PATH, or set LIVEKIT_URL',
    ),
  ];
};
