// The import rule of the architecture: a folder is a process, and no process imports another's folder.
const PROCESSES = [
  'src-main',
  'src-station',
  'src-relay',
  'src-agent',
  'src-renderer',
  'src-embedded/supabase',
  'src-embedded/postgres',
  'src-embedded/stripe',
  'src-embedded/speech',
  'src-embedded/livekit',
];

export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...PROCESSES.map((folder) => ({
      name: `only-own-folder:${folder}`,
      comment: 'A process imports itself, src-shared and src-runtime; the exceptions are named below.',
      severity: 'error',
      from: { path: `^${folder}/` },
      to: {
        path: '^(src-|tests/|tools/)',
        pathNot: [
          `^${folder}/`,
          '^src-shared/',
          '^src-runtime/',
          // The host starts foreign programs; how is written beside the part they stand in for.
          ...(folder === 'src-main'
            ? ['^src-embedded/(livekit/launch|postgres/(cluster|socket))\\.ts$']
            : []),
          // The page knows the station's API by type only.
          ...(folder === 'src-renderer' ? ['^src-station/local-api/router\\.ts$'] : []),
        ],
      },
    })),
    {
      name: 'functions-share-the-relay',
      comment: 'An Edge Function is a second shell around the logic of the relay, without its server.',
      severity: 'error',
      from: { path: '^supabase/functions/' },
      to: {
        path: '^(src-|tests/|tools/)',
        pathNot:
          '^(src-relay/|src-shared/|src-runtime/(environment|hash|health|livekit-rooms|supabase-client)\\.ts$)',
      },
    },
    {
      name: 'renderer-knows-types-only',
      severity: 'error',
      from: { path: '^src-renderer/' },
      to: { path: '^src-station/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'shared-is-pure',
      comment: 'src-shared does no I/O.',
      severity: 'error',
      from: { path: '^src-shared/', pathNot: '\\.test\\.ts$' },
      to: {
        path: '^(src-(?!shared)|fs|node:fs|net|node:net|http|node:http|child_process|node:child_process)',
      },
    },
    {
      name: 'runtime-below-all',
      severity: 'error',
      from: { path: '^src-runtime/' },
      to: { path: '^src-(?!runtime|shared)' },
    },
    {
      name: 'no-tests-in-product',
      severity: 'error',
      comment: 'Stand-ins for tests are called *.test-kit.ts and lie beside what they stand in for.',
      from: { path: '^(src-|supabase/)', pathNot: '\\.test(-kit)?\\.tsx?$' },
      to: { path: '(^tests/|\\.test(-kit)?\\.tsx?$)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // TypeScript 7 has no parser API yet; swc reads the same imports.
    parser: 'swc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js', '.css'] },
  },
};
