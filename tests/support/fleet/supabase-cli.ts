/**
 * Supabase's own command line (the npm package `supabase`), for tests that follow docs/operating.md and docs/fleet.md.
 * Promises: it works on a copy of the project, keeps nothing outside it, reports nothing to anybody, and reaches only
 * what the test gives it: a database of the test, or a stand-in for Supabase's management API.
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PostgresConnection } from '../../../src-embedded/postgres/cluster.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** What the deployer may need of the project: the functions import the relay's own modules. */
const COPIED = ['supabase', 'src-relay', 'src-runtime', 'src-shared'];
/** The form of a personal access token; the stand-in takes any. */
const ACCESS_TOKEN = `sbp_${'0123456789'.repeat(4)}`;
export const PROJECT_REF = 'abcdefghijklmnopqrst';

export interface Run {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

export interface SupabaseCli {
  /** The copy of the project. */
  dir: string;
  /** `supabase ARGS` in the copy; whatever comes of it. */
  run(...args: string[]): Promise<Run>;
  stop(): Promise<void>;
}

/** @param apiUrl where the management API is; without it nothing hosted can be asked */
export async function supabaseCli(apiUrl?: string): Promise<SupabaseCli> {
  const dir = await mkdtemp(join(tmpdir(), 'mindbot-supabase-cli-'));
  for (const name of COPIED) await cp(join(ROOT, name), join(dir, name), { recursive: true });
  const home = join(dir, 'home');
  await mkdir(home);
  const profile = join(home, 'profile.json');
  const api = apiUrl ?? 'http://127.0.0.1:1';
  const hosts = { api_url: api, dashboard_url: api, project_host: '127.0.0.1' };
  await writeFile(profile, JSON.stringify({ name: 'test', ...hosts }));
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    DO_NOT_TRACK: '1',
    SUPABASE_NO_UPDATE_NOTIFIER: '1',
    SUPABASE_ACCESS_TOKEN: ACCESS_TOKEN,
    SUPABASE_PROFILE: profile,
  };
  return {
    dir,
    run: (...args) => runProgram(join(ROOT, 'node_modules/.bin/supabase'), args, { cwd: dir, env }),
    stop: () => rm(dir, { recursive: true, force: true }),
  };
}

/** Runs a program to its end; both its outputs are kept. */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<Run> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const run = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    run.stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    run.stderr += chunk.toString();
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { exitCode, ...run };
}

export interface Deployed {
  /** What the deployer says of the function, as JSON. */
  metadata: Record<string, unknown>;
  /** Text of each file that it sent, by its path. */
  files: ReadonlyMap<string, string>;
}

export interface ManagementApi {
  url: string;
  /** What was deployed, by the name of the function. */
  readonly deployed: ReadonlyMap<string, Deployed>;
  stop(): Promise<void>;
}

/** A stand-in for the part of Supabase's management API that `functions deploy --use-api` speaks to. */
export async function startManagementApi(): Promise<ManagementApi> {
  const deployed = new Map<string, Deployed>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = new URL(request.url ?? '/', 'http://api');
    const slug = url.searchParams.get('slug');
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (!url.pathname.startsWith(`/v1/projects/${PROJECT_REF}`)) return answer(404, {});
    if (request.method !== 'POST' || slug === null) return answer(200, request.method === 'GET' ? [] : {});
    const headers = { 'content-type': request.headers['content-type'] ?? '' };
    const form = await new Response(Buffer.concat(chunks), { headers }).formData();
    const files = new Map<string, string>();
    for (const file of form.getAll('file')) {
      if (file instanceof File) files.set(file.name, await file.text());
    }
    deployed.set(slug, { metadata: JSON.parse(String(form.get('metadata'))), files });
    const times = { created_at: 1, updated_at: 1 };
    return answer(201, { id: slug, slug, name: slug, status: 'ACTIVE', version: 1, ...times });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    deployed,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Writes what was deployed into `dir`, and nothing else is there. */
export async function unpack({ files }: Deployed, dir: string): Promise<void> {
  for (const [path, text] of files) {
    const target = join(dir, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
  }
}

export interface TcpDoor {
  port: number;
  stop(): Promise<void>;
}

/** A port of the loopback that leads to the Unix socket of a test database: the command line knows no other way. */
export async function tcpDoorTo({ host, port }: PostgresConnection): Promise<TcpDoor> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((outer) => {
    const inner = connect(join(host, `.s.PGSQL.${port}`));
    for (const socket of [outer, inner]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        outer.destroy();
        inner.destroy();
      });
    }
    outer.pipe(inner).pipe(outer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
