/**
 * The Edge Functions as Deno processes, one each, behind one address as Supabase has them: `<url>/functions/v1/<name>/…`.
 * Promises: packages come from node_modules only, and a function has no way to the disk but to read its modules.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../processes/free-port.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const START_TIMEOUT_MS = 30_000;
const GATEWAY_PATH = /^\/functions\/v1\/([a-z-]+)/;

export interface EdgeFunctions {
  /** Up to and with `/functions/v1`. */
  url: string;
  /** What the functions wrote. */
  output(): string;
  stop(): Promise<void>;
}

/** Starts the named functions with the project's secrets `env`; resolves when each answers. */
export async function startEdgeFunctions(
  names: readonly string[],
  options: { port: number; env: Record<string, string> },
): Promise<EdgeFunctions> {
  const ports = new Map<string, number>();
  const children: ChildProcess[] = [];
  let output = '';
  for (const name of names) {
    const port = await freePort();
    ports.set(name, port);
    const child = startDeno(name, port, options.env);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-20_000);
      });
    }
    children.push(child);
  }
  const gateway = createServer((incoming, answer) => {
    const port = ports.get(GATEWAY_PATH.exec(incoming.url ?? '')?.[1] ?? '');
    if (port === undefined) answer.writeHead(404).end();
    else pass(incoming, answer, port);
  });
  const stop = async () => {
    gateway.close();
    gateway.closeAllConnections();
    await Promise.all(children.map(end));
  };
  await new Promise<void>((resolve) => gateway.listen(options.port, '127.0.0.1', resolve));
  try {
    await Promise.all([...ports].map(([name, port]) => untilAnswers(`http://127.0.0.1:${port}/${name}`)));
  } catch (error) {
    await stop();
    throw new Error(`the functions did not start:\n${output}`, { cause: error });
  }
  return { url: `http://127.0.0.1:${options.port}/functions/v1`, output: () => output, stop };
}

function startDeno(name: string, port: number, env: Record<string, string>): ChildProcess {
  const offline = ['--node-modules-dir=manual', '--cached-only', '--no-remote'];
  const allowed = ['--no-prompt', '--no-check', '--allow-net', '--allow-env', '--allow-read'];
  const folder = `supabase/functions/${name}`;
  return spawn(
    `${ROOT}node_modules/.bin/deno`,
    ['run', ...offline, ...allowed, '--config', `${folder}/deno.json`, `${folder}/index.ts`],
    {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        NO_COLOR: '1',
        DENO_NO_UPDATE_CHECK: '1',
        DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`,
        ...env,
      },
    },
  );
}

/** As Supabase's gateway does: the function sees the path from its name on. */
function pass(incoming: IncomingMessage, answer: ServerResponse, port: number): void {
  const path = incoming.url?.slice('/functions/v1'.length) ?? '/';
  const { method, headers } = incoming;
  const outgoing = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(answer);
  });
  outgoing.on('error', () => answer.writeHead(502).end());
  incoming.pipe(outgoing);
}

async function untilAnswers(url: string): Promise<void> {
  const deadlineMs = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const answered = await fetch(url).then(
      (response) => response.arrayBuffer().then(() => true),
      () => false,
    );
    if (answered) return;
    if (performance.now() > deadlineMs) throw new Error(`no answer from ${url}`);
    await delay(50);
  }
}

/** The launcher of the npm package passes signals on to Deno itself. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  await ended;
}
