import { mkdir, mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makePrivateDir, SOCKET_PATH_MAX_BYTES, SOCKET_PORT, socketDirFor } from './socket.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'mindbot-socket-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

it('puts the socket beside the data, or into a short folder of its own when that lies too deep', () => {
  expect(socketDirFor('/srv/kiosk/database', '/tmp')).toBe('/srv/kiosk/database/socket');
  const deep = `/srv/${'ä'.repeat(60)}`;
  const short = socketDirFor(deep, '/tmp');
  expect(short).toMatch(/^\/tmp\/mindbot-[0-9a-f]{16}$/);
  expect(socketDirFor(`${deep}2`, '/tmp')).not.toBe(short);
  expect(socketDirFor(deep, `/var/${'t'.repeat(100)}`)).toBe(short);
  expect(`${short}/.s.PGSQL.${SOCKET_PORT}`.length).toBeLessThanOrEqual(SOCKET_PATH_MAX_BYTES);
});

it('makes the folder private, and takes nothing else in its place', async () => {
  const path = join(root, 'socket');
  await makePrivateDir(path);
  expect((await stat(path)).mode & 0o777).toBe(0o700);
  await mkdir(join(root, 'open'), { mode: 0o777 });
  await makePrivateDir(join(root, 'open'));
  expect((await stat(join(root, 'open'))).mode & 0o777).toBe(0o700);
  await symlink(path, join(root, 'link'));
  await expect(makePrivateDir(join(root, 'link'))).rejects.toThrow('not a folder of the account');
  const own = process.getuid?.() ?? 0;
  await expect(makePrivateDir(path, { uid: own + 1, gid: 0 })).rejects.toThrow('not a folder of the account');
});
