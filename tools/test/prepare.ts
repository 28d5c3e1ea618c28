/** Installs and builds what steps need beyond `npm ci`. */

import { ensureChildren } from '../../src-main/build/ensure-children.ts';
import { ensurePage } from '../../src-main/build/ensure-page.ts';
import { projectDir } from '../../src-main/paths.ts';
import {
  BROWSER_PACKAGES,
  type DebianPackage,
  ensureDebianPackages,
  SPEECH_PACKAGES,
  TEST_PACKAGES,
} from '../../src-main/setup/debian-packages.ts';
import { ensureLivekitServer } from '../../src-main/setup/livekit-binary.ts';
import { terminalProgress } from '../../src-main/setup/progress.ts';
import type { Need } from './steps.ts';

const PACKAGES: Readonly<Partial<Record<Need, readonly DebianPackage[]>>> = {
  'speech packages': SPEECH_PACKAGES,
  'browser packages': BROWSER_PACKAGES,
  'test packages': TEST_PACKAGES,
};

/** @throws Error naming what is missing; the tests run on real parts */
export async function prepare(needs: ReadonlySet<Need>): Promise<void> {
  const progress = terminalProgress(process.stdout);
  const packages = [...needs].flatMap((need) => PACKAGES[need] ?? []);
  const missing: string[] = packages.length > 0 ? await ensureDebianPackages(packages, progress) : [];
  if (needs.has('livekit') && !(await ensureLivekitServer(projectDir(), progress)))
    missing.push('livekit-server');
  if (needs.has('page')) await ensurePage(projectDir(), progress);
  if (needs.has('children') && !(await ensureChildren(projectDir(), progress)))
    missing.push('the built processes');
  if (missing.length > 0) throw new Error(`Missing (see above): ${missing.join(', ')}.`);
}
