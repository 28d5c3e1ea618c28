/**
 * How the product is packed (`npx electron-builder` after `npm run build`, on each system for that system: Node, the
 * database and the native modules are programs of the system they were installed on).
 *
 * Electron itself reads out/main, out/preload and its few packages from app.asar. The children are run by plain Node,
 * which can't look into an asar, so they, their packages, the page and the migrations lie unpacked beside it.
 */
import { existsSync } from 'node:fs';
import type { Configuration } from 'electron-builder';
import { FUSES } from './src-main/electron/fuses.ts';
import { cachedLivekitServer, PACKED_LIVEKIT_SERVER } from './src-main/setup/livekit-binary.ts';

const PROCESSES = 'src-{main,station,relay,agent,embedded,shared,runtime}';
const MAINTAINER = 'MindBot Kiosk maintainers <maintainers@mindbot.invalid>';

/** Made by an earlier start on this machine; without it the packed product looks on PATH or downloads it. */
const livekitServer = cachedLivekitServer();

const configuration: Configuration = {
  appId: 'org.mindbot.kiosk',
  productName: 'MindBot Kiosk',
  copyright: 'Apache-2.0; third-party notices inside',
  directories: { output: 'dist', buildResources: 'resources' },
  files: [
    'package.json',
    'THIRD-PARTY-NOTICES.md',
    'out/{main,preload,renderer,children}/**',
    `${PROCESSES}/**`,
    'supabase/**',
    'tools/livekit/**',
    '!**/*.test.{ts,tsx}',
    '!**/*.test-kit.{ts,tsx}',
    // Needs the page's sources and a bundler, which the package has not.
    '!src-main/{dev/**,commands/{dev,preview}.ts}',
  ],
  asar: true,
  asarUnpack: [
    'package.json',
    'out/{renderer,children}/**',
    `${PROCESSES}/**`,
    'supabase/**',
    'tools/livekit/**',
    'node_modules/**',
  ],
  electronFuses: { ...FUSES },
  extraResources: existsSync(livekitServer) ? [{ from: livekitServer, to: PACKED_LIVEKIT_SERVER }] : [],
  // The native modules are built for the Node that runs the children, not for Electron.
  npmRebuild: false,
  publish: null,
  linux: {
    target: ['AppImage', 'deb'],
    category: 'Utility',
    maintainer: MAINTAINER,
    vendor: 'MindBot Kiosk',
    synopsis: 'Prepaid voice assistant for kiosks',
    executableName: 'mindbot-kiosk',
  },
  deb: {
    depends: ['libgtk-3-0', 'libnss3', 'libasound2', 'libsecret-1-0', 'pocketsphinx', 'pocketsphinx-en-us'],
  },
  win: { target: ['nsis'] },
  nsis: { oneClick: false, perMachine: true, allowToChangeInstallationDirectory: true },
  mac: {
    target: ['dmg'],
    category: 'public.app-category.business',
    hardenedRuntime: true,
    extendInfo: {
      NSMicrophoneUsageDescription: 'The assistant listens while you talk with it.',
    },
  },
};

export default configuration;
