/** What `npm run check`, `npm test` and `npm run test:long` consist of. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * `check`: needs nothing but `npm ci` and takes a minute. `test`: the rest of the gate. `long`: campaigns that take hours
 * or minutes each, for the night; their short forms are among the integration tests.
 */
export type Tier = 'check' | 'test' | 'long';

/** What a step needs beyond `npm ci`. */
export type Need = 'speech packages' | 'browser packages' | 'test packages' | 'livekit' | 'page' | 'children';

/** Which files a step takes, and which runner takes them. */
export interface Suite {
  runner: 'vitest' | 'playwright';
  /** Of the runner's configuration. */
  project?: string;
  /** Glob patterns from the root of the repository. */
  files: readonly string[];
}

/** A program and its arguments. */
export type Command = readonly string[];

export interface Step {
  name: string;
  tier: Tier;
  needs: readonly Need[];
  /** Programs of node_modules/.bin with their arguments, run one after the other; a suite's is made from its selection. */
  commands: readonly Command[];
  suite?: Suite;
}

const ALL_PACKAGES = ['speech packages', 'browser packages', 'test packages'] as const;

/** The steps in the order in which they are listed and run. `rootDir`: the repository. */
export function stepsOf(rootDir: string): Step[] {
  return [
    check('format and lint', [['biome', 'ci', '--error-on-warnings']]),
    check('types', [
      ['tsc', '-p', 'tsconfig.json'],
      ['tsc', '-p', 'tsconfig.renderer.json'],
      ['tsc', '-p', 'tsconfig.e2e.json'],
    ]),
    check('types of the functions', functionChecks(rootDir)),
    check('structure', [
      ['depcruise', '--config', '.dependency-cruiser.mjs', ...sourceFolders(rootDir), 'supabase/functions'],
    ]),
    // Again without the tests: what only they call is no part of the product.
    check('dead code', [['knip'], ['knip', '--production']]),
    check('notices', [['node', 'tools/third-party-notices.ts', '--check']]),
    {
      name: 'unit',
      tier: 'check',
      needs: [],
      commands: [],
      suite: {
        runner: 'vitest',
        project: 'unit',
        files: ['src-*/**/*.test.ts', 'tools/**/*.test.ts', 'tests/documents/*.test.ts'],
      },
    },
    {
      name: 'electron build',
      tier: 'test',
      needs: [],
      commands: [['electron-vite', 'build', '--logLevel', 'warn']],
    },
    {
      name: 'integration',
      tier: 'test',
      needs: [...ALL_PACKAGES, 'livekit', 'page', 'children'],
      commands: [],
      suite: { runner: 'vitest', project: 'integration', files: ['tests/integration/**/*.test.ts'] },
    },
    {
      name: 'end to end',
      tier: 'test',
      needs: [...ALL_PACKAGES, 'livekit', 'page', 'children'],
      commands: [],
      suite: { runner: 'playwright', project: 'end to end', files: ['tests/e2e/*.spec.ts'] },
    },
    {
      name: 'spoken',
      tier: 'test',
      needs: [...ALL_PACKAGES, 'livekit', 'page', 'children'],
      commands: [],
      suite: { runner: 'playwright', project: 'spoken', files: ['tests/e2e/spoken/*.spec.ts'] },
    },
    {
      name: 'voice faults',
      tier: 'long',
      needs: [...ALL_PACKAGES, 'livekit'],
      commands: [],
      suite: { runner: 'vitest', project: 'long', files: ['tests/long/**/*.test.ts'] },
    },
    long('simulation', ['sim', '--seed', '1', '--ops', '10000']),
    long('mutations', ['sim', '--mutations']),
    long('webhooks', ['webhooks-campaign', '--deliveries', '100000']),
    long('guesses', ['guess-codes', '--guesses', '1000000']),
    long('chaos', ['chaos', '--rounds', '50']),
  ];
}

function check(name: string, commands: readonly Command[]): Step {
  return { name, tier: 'check', needs: [], commands };
}

/** A campaign by its npm script. */
function long(name: string, [script = '', ...args]: readonly string[]): Step {
  return {
    name,
    tier: 'long',
    needs: [...ALL_PACKAGES, 'livekit', 'page', 'children'],
    commands: [['npm', 'run', script, '--', ...args]],
  };
}

/**
 * All functions in one process, with the packages of `npm ci`: 6 s instead of 7 s for each. That each folder resolves
 * alone, from what its deployer sends, is tested in tests/integration/fleet/deployment.test.ts.
 */
function functionChecks(rootDir: string): Command[] {
  const folder = 'supabase/functions';
  const names = readdirSync(join(rootDir, folder)).filter((name) => !/^_|\./.test(name));
  const options = ['--no-config', '--node-modules-dir=manual'];
  const map = ['--import-map', `${folder}/${names[0]}/deno.json`];
  return [['deno', 'check', ...options, ...map, ...names.map((name) => `${folder}/${name}/index.ts`)]];
}

/** Every folder whose imports the structure rules are about. */
function sourceFolders(rootDir: string): string[] {
  return readdirSync(rootDir).filter((name) => /^(src-.*|tests|tools)$/.test(name));
}
