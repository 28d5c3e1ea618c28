import { describe, expect, it } from 'vitest';
import { DEV_HELP, HELP, readDevOptions, readOptions, wordsAfterElectron } from './options.ts';

describe('the command line of Electron', () => {
  it('is ours without the program, the folder of the application and Electron’s own switches', () => {
    const ours = ['--data', '/tmp/x'];
    expect(wordsAfterElectron(['electron', '.', ...ours, '--dev'], false)).toEqual(ours);
    expect(wordsAfterElectron(['electron', '--inspect=0', '--no-sandbox', '/app', ...ours], false)).toEqual(
      ours,
    );
    expect(wordsAfterElectron(['/opt/mindbot-kiosk', ...ours], true)).toEqual(ours);
  });
});

describe('the command line', () => {
  it('is empty for a kiosk', () => {
    expect(readOptions([])).toEqual({
      headless: false,
      json: false,
      browser: false,
      sources: false,
      dataDir: undefined,
      portBase: 8000,
      help: false,
    });
  });

  it('takes every option of the help text', () => {
    const argv = [
      '--headless',
      '--json',
      '--browser',
      '--sources',
      '--data',
      '/tmp/x',
      '--port-base',
      '9400',
      '-h',
    ];
    expect(readOptions(argv)).toEqual({
      headless: true,
      json: true,
      browser: true,
      sources: true,
      dataDir: '/tmp/x',
      portBase: 9400,
      help: true,
    });
    for (const option of ['--headless', '--json', '--browser', '--sources', '--data', '--port-base']) {
      expect(HELP).toContain(option);
    }
  });

  it('opens a demo to phones, on an address of our choice or on a named one', () => {
    expect(readOptions(['--lan']).lan).toEqual({ address: undefined });
    expect(readOptions(['--lan-address', '10.0.0.5']).lan).toEqual({ address: '10.0.0.5' });
    expect(HELP).toContain('--lan ');
    expect(HELP).toContain('--lan-address');
  });

  it('of npm run dev takes those of the start, and the processes to inspect', () => {
    expect(readDevOptions(['--inspect', 'relay', '--port-base', '9400', '--inspect', 'agent'])).toMatchObject(
      {
        portBase: 9400,
        browser: true,
        sources: true,
        inspect: ['relay', 'agent'],
      },
    );
    expect(readDevOptions([]).inspect).toEqual([]);
    expect(() => readOptions(['--inspect', 'relay'])).toThrow(/--inspect/);
    expect(DEV_HELP).toContain('--inspect');
  });

  it.each([
    [['--port-base', 'eight'], /--port-base must be a whole number/],
    [['--port-base', '80'], /from 1024 to 65436/],
    [['--port-base', '65437'], /from 1024 to 65436/],
    [['--data', ''], /--data needs/],
    [['--date', '/tmp/x'], /--date/],
    [['somewhere'], /somewhere/],
  ])('refuses %j with words for the person who typed it', (argv, message) => {
    expect(() => readOptions(argv)).toThrow(message);
  });
});
