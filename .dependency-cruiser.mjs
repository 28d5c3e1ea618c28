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
  'src-embedded/lan',
];

// The relay's layers, lowest first. A layer knows itself and those below it, by type too; main.ts, environment.ts and
// probes.ts are the process around them. payments, cards and accounts are use cases; only a card's claim page asks how
// its purchase stands.
const RELAY_LAYERS = [
  ['model'],
  ['doors'],
  ['payments', 'accounts'],
  ['cards'],
  ['webhooks', 'pages'],
  ['routes'],
];

export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Imports of types count: who reads one file of a circle has to read them all.',
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
    ...RELAY_LAYERS.flatMap((folders, level) =>
      folders.map((folder) => ({
        name: `relay-layers:${folder}`,
        comment: `src-relay/${folder} knows itself, the shared folders and the layers below it.`,
        severity: 'error',
        from: { path: `^src-relay/${folder}/`, pathNot: '\\.test\\.ts$' },
        to: {
          path: '^src-relay/',
          pathNot: `^src-relay/(${[...RELAY_LAYERS.slice(0, level).flat(), folder].join('|')})/`,
        },
      })),
    ),
    {
      name: 'relay-model-is-pure',
      comment: 'No network, no file, no library of a peer: node:crypto and zod are all that the model needs.',
      severity: 'error',
      from: { path: '^src-relay/model/', pathNot: '\\.test\\.ts$' },
      to: {
        path: '.',
        pathNot:
          '^(src-relay/model/|src-shared/|src-runtime/hash\\.ts$|node_modules/zod/|(node:)?(crypto|buffer)$)',
      },
    },
    {
      name: 'relay-doors-alone-go-out',
      comment:
        'Only a door holds a client of Supabase, Stripe or the keys of Auth; others may name their types.',
      severity: 'error',
      from: { path: '^src-relay/', pathNot: '(^src-relay/doors/|\\.test\\.ts$)' },
      to: {
        path: '^node_modules/(@supabase/supabase-js|stripe|jose)/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'functions-share-the-relay',
      comment: 'An Edge Function is a second shell around the logic of the relay, without its server.',
      severity: 'error',
      from: { path: '^supabase/functions/' },
      to: {
        path: '^(src-|tests/|tools/)',
        pathNot:
          '^(src-relay/|src-shared/|src-runtime/(environment|hash|health|livekit-rooms|signing-keys|supabase-client)\\.ts$)',
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
