import { globSync } from 'node:fs';
import { createRequire } from 'node:module';
import { matchesGlob } from 'node:path';
import { FuseV1Options } from '@electron/fuses';
import { describe, expect, it } from 'vitest';
import configuration from '../../electron-builder.ts';
import { outsideAsar, projectDir } from '../paths.ts';
import { FUSES } from './fuses.ts';

const require = createRequire(createRequire(import.meta.url).resolve('electron-builder'));

/** electron-builder's own check of a configuration, as each packing begins with. */
async function validate(config: object): Promise<void> {
  const { validateConfiguration } = require('app-builder-lib/out/util/config/config.js') as {
    validateConfiguration(config: object, log: { isEnabled: boolean; add(): void }): Promise<void>;
  };
  await validateConfiguration(config, { isEnabled: false, add: () => undefined });
}

describe('the fuses', () => {
  it('decide each one that Electron has for JavaScript, and close every way to run other code', () => {
    const known = Object.keys(FuseV1Options).filter((name) => Number.isNaN(Number(name)));
    const decided = Object.keys(FUSES).map((name) => name.replace(/^./, (first) => first.toUpperCase()));
    // Only electron-builder's own names can be set; WasmTrapHandlers is a speed matter it does not know.
    expect(known.filter((name) => !decided.includes(name))).toEqual(['WasmTrapHandlers']);
    expect(FUSES).toMatchObject({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      onlyLoadAppFromAsar: true,
      enableEmbeddedAsarIntegrityValidation: true,
    });
  });
});

describe('the packing', () => {
  it('passes electron-builder’s own check, which refuses a wrong one', async () => {
    await expect(validate(configuration)).resolves.toBeUndefined();
    await expect(validate({ ...configuration, asarUnpak: [] })).rejects.toThrow(/asarUnpak/);
  });

  it('flips the fuses of fuses.ts and makes a package for each system', () => {
    expect(configuration.electronFuses).toEqual(FUSES);
    expect(configuration.linux).toMatchObject({ target: ['AppImage', 'deb'] });
    expect(configuration.win).toMatchObject({ target: ['nsis'] });
    expect(configuration.mac).toMatchObject({ target: ['dmg'] });
  });

  it('leaves outside the asar whatever plain Node runs or serves', () => {
    const unpacked = configuration.asarUnpack;
    expect(unpacked).toEqual(
      expect.arrayContaining(['out/{renderer,children}/**', 'supabase/**', 'node_modules/**']),
    );
    expect(JSON.stringify(unpacked)).toMatch(/src-\{main,station,relay,agent,embedded,shared,runtime\}/);
  });
});

describe('what is packed', () => {
  const patterns = [configuration.files].flat().filter((pattern) => typeof pattern === 'string');
  const taken = patterns.filter((pattern) => !pattern.startsWith('!'));
  const left = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
  const matches = (file: string, globs: string[]) => globs.some((glob) => matchesGlob(file, glob));
  const sources = [
    'src-main',
    'src-station',
    'src-relay',
    'src-agent',
    'src-embedded',
    'src-shared',
    'supabase',
  ];
  const files = sources
    .flatMap((folder) => globSync(`${folder}/**/*`, { cwd: projectDir() }))
    .map((file) => file.replaceAll('\\', '/'));
  const packed = files.filter((file) => matches(file, taken) && !matches(file, left));

  it('are the sources, and no test or stand-in for one', () => {
    expect(packed).toContain('src-station/main.ts');
    expect(files.filter((file) => file.includes('.test-kit.')).length).toBeGreaterThan(0);
    expect(packed.filter((file) => /\.test(-kit)?\./.test(file))).toEqual([]);
  });
});

describe('paths of the packed application', () => {
  it('point outside the asar', () => {
    expect(outsideAsar('/opt/kiosk/resources/app.asar')).toBe('/opt/kiosk/resources/app.asar.unpacked');
    expect(outsideAsar('C:\\kiosk\\resources\\app.asar\\node_modules')).toBe(
      'C:\\kiosk\\resources\\app.asar.unpacked\\node_modules',
    );
    expect(outsideAsar('/opt/kiosk/resources/app.asar.unpacked/out')).toBe(
      '/opt/kiosk/resources/app.asar.unpacked/out',
    );
    expect(outsideAsar('/home/me/mindbot-kiosk')).toBe('/home/me/mindbot-kiosk');
  });

  it('find the root by its package.json', () => {
    expect(require(`${projectDir()}/package.json`)).toMatchObject({ name: 'mindbot-kiosk' });
  });
});
