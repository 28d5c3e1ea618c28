/**
 * `npm test`: everything, in order, each step named with its time; stops at the first that fails. Installs what the
 * tests need beyond npm (Debian packages, livekit-server) first. `npm test -- NAME …` runs only the named steps.
 */
import { spawnSync } from 'node:child_process';
import { ensureChildren } from '../src-main/build/ensure-children.ts';
import { ensurePage } from '../src-main/build/ensure-page.ts';
import { projectDir } from '../src-main/paths.ts';
import {
  BROWSER_PACKAGES,
  ensureDebianPackages,
  SPEECH_PACKAGES,
  TEST_PACKAGES,
} from '../src-main/setup/debian-packages.ts';
import { ensureLivekitServer } from '../src-main/setup/livekit-binary.ts';
import { terminalProgress } from '../src-main/setup/progress.ts';

interface Step {
  name: string;
  /** Commands found in node_modules/.bin, run one after the other. */
  commands: readonly (readonly string[])[];
}

const STEPS: readonly Step[] = [
  { name: 'format and lint', commands: [['biome', 'ci', '--error-on-warnings']] },
  {
    name: 'types',
    commands: [
      ['tsc', '-p', 'tsconfig.json'],
      ['tsc', '-p', 'tsconfig.renderer.json'],
      ['tsc', '-p', 'tsconfig.e2e.json'],
      ['deno', 'check', 'supabase/functions'],
    ],
  },
  {
    name: 'structure',
    commands: [
      [
        'depcruise',
        '--config',
        '.dependency-cruiser.mjs',
        'src-main',
        'src-station',
        'src-relay',
        'src-agent',
        'src-embedded',
        'src-shared',
        'src-runtime',
        'src-renderer',
        'supabase/functions',
        'tests',
        'tools',
      ],
      ['knip'],
      // Again without the tests: what only they call is no part of the product.
      ['knip', '--production'],
    ],
  },
  { name: 'notices', commands: [['node', 'tools/third-party-notices.ts', '--check']] },
  { name: 'unit', commands: [['vitest', 'run', '--project', 'unit']] },
  { name: 'electron build', commands: [['electron-vite', 'build', '--logLevel', 'warn']] },
  { name: 'integration', commands: [['vitest', 'run', '--project', 'integration']] },
  { name: 'end to end', commands: [['playwright', 'test']] },
];

async function prepare(): Promise<void> {
  const progress = terminalProgress(process.stdout);
  const packages = [...SPEECH_PACKAGES, ...BROWSER_PACKAGES, ...TEST_PACKAGES];
  const missing = await ensureDebianPackages(packages, progress);
  const livekit = await ensureLivekitServer(projectDir(), progress);
  await ensurePage(projectDir(), progress);
  const built = await ensureChildren(projectDir(), progress);
  if (missing.length > 0 || !livekit || !built) {
    console.error('The tests run on real parts, and some are missing (see above).');
    process.exit(1);
  }
}

function run(step: Step): void {
  const beganAt = performance.now();
  console.log(`\n=== ${step.name}`);
  for (const [command = '', ...args] of step.commands) {
    const result = spawnSync(command, args, { cwd: projectDir(), stdio: 'inherit' });
    if (result.status === 0) continue;
    console.error(`\n=== ${step.name}: FAILED (${command} ${args.join(' ')})`);
    process.exit(result.status ?? 1);
  }
  console.log(`=== ${step.name}: ok (${Math.round((performance.now() - beganAt) / 1000)} s)`);
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !STEPS.some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(`No such step: ${unknown.join(', ')}. Steps: ${STEPS.map((step) => step.name).join(', ')}`);
  process.exit(2);
}
await prepare();
const steps = STEPS.filter((step) => wanted.length === 0 || wanted.includes(step.name));
for (const step of steps) run(step);
console.log(`\n${steps.length} passed, 0 failed`);
