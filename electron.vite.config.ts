/** Builds the Electron entry, the preload and the page. The children are not bundled: they run on Node 24 as they are. */
import { resolve } from 'node:path';
import { defineConfig } from 'electron-vite';
import page from './src-renderer/vite.config.ts';

export default defineConfig({
  main: {
    build: { outDir: 'out/main', rolldownOptions: { input: { main: resolve('src-main/electron/main.ts') } } },
  },
  preload: {
    build: {
      // A sandboxed preload can't require packages, and must be CommonJS.
      externalizeDeps: false,
      outDir: 'out/preload',
      rolldownOptions: {
        input: { preload: resolve('src-main/electron/preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: { ...page, root: 'src-renderer' },
});
