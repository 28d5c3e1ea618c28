/**
 * Builds the two pages of the station, the kiosk (`/`) and the admin window (`/admin`), into out/renderer.
 * Promises: nothing is loaded from elsewhere, no inline script or style, every asset is a file with a hash in its name,
 * so the station can serve it under a strict Content-Security-Policy.
 */
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  base: '/',
  plugins: [react()],
  css: { modules: { generateScopedName: '[local]_[hash:base64:5]' } },
  build: {
    outDir: here('../out/renderer'),
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // livekit-client alone is about half a megabyte; it comes from loopback.
    chunkSizeWarningLimit: 900,
    rolldownOptions: { input: { kiosk: here('./index.html'), admin: here('./admin/index.html') } },
  },
});
