/**
 * The Node processes of the product by name, each with the files that it is made of beside what it imports: modules
 * that are started by path, scripts that it hands to browsers, files that it reads. The bundler and the watcher of
 * `npm run dev` go by this table; a file that is missing here is missing in the built product.
 */

export interface Program {
  /** The module that is started. */
  entry: string;
  /** Modules that a process of it starts by path (src-runtime/sibling-module.ts), by the name they are built under. */
  startedByPath?: Readonly<Record<string, string>>;
  /** Scripts of hosted pages (src-runtime/browser-script.ts), by the name they are built under. */
  browserScripts?: Readonly<Record<string, string>>;
  /** Files that are read beside the module, by name. */
  beside?: Readonly<Record<string, string>>;
  /** Folders whose files are read where they are. */
  reads?: readonly string[];
}

export const PROGRAMS = {
  supabase: {
    entry: 'src-embedded/supabase/main.ts',
    beside: { 'bootstrap.sql': 'src-embedded/supabase/bootstrap.sql' },
    reads: ['supabase/migrations'],
  },
  stripe: {
    entry: 'src-embedded/stripe/main.ts',
    browserScripts: {
      'elements-client.browser': 'src-embedded/stripe/page/elements-client.browser.ts',
      'elements-frame.browser': 'src-embedded/stripe/page/elements-frame.browser.ts',
    },
  },
  speech: {
    entry: 'src-embedded/speech/main.ts',
    startedByPath: { 'flite-worker': 'src-embedded/speech/voice/flite-worker.ts' },
  },
  lan: { entry: 'src-embedded/lan/main.ts' },
  relay: {
    entry: 'src-relay/main.ts',
    browserScripts: { 'pay-page.browser': 'src-relay/pages/pay-page.browser.ts' },
  },
  station: { entry: 'src-station/main.ts' },
  agent: { entry: 'src-agent/main.ts', startedByPath: { job: 'src-agent/job.ts' } },
} as const satisfies Record<string, Program>;

export type ProgramName = keyof typeof PROGRAMS;
