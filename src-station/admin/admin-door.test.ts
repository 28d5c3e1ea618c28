import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TodayReport } from '../../src-shared/database.ts';
import { createAdminDoor } from './admin-door.ts';

const NOTHING = { salesCount: 0, salesCents: 0, talks: 0, talkSeconds: 0 };
const REPORT: TodayReport = {
  timeZone: 'UTC',
  from: '2026-11-01T00:00:00Z',
  to: '2026-11-02T00:00:00Z',
  currency: 'usd',
  today: NOTHING,
  yesterday: NOTHING,
  hours: [],
  sales: [],
  talkRows: [],
};

let server: Server;
let url: string;
/** What the server answers, by path. */
let answers: Record<string, { status: number; body: unknown }>;
let seen: { path: string; authorization: string; body: string }[];

beforeEach(async () => {
  seen = [];
  answers = {};
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const path = (request.url ?? '').split('?')[0] ?? '';
  seen.push({ path, authorization: request.headers.authorization ?? '', body });
  const { status, body: reply } = answers[path] ?? { status: 404, body: {} };
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
}

function signInAs(kind: string | undefined): void {
  const user = { id: 'u', aud: 'authenticated', email: 'staff@test.example', app_metadata: { kind } };
  const body = {
    access_token: 'staff-jwt',
    token_type: 'bearer',
    expires_in: 3600,
    refresh_token: 'r',
    user,
  };
  answers['/auth/v1/token'] = { status: 200, body };
}

const door = () => createAdminDoor(url, 'anon');
const signIn = () => door().signIn('staff@test.example', 'password');

describe('staff sign-in', () => {
  it('lets staff in, and nobody else with a right password', async () => {
    signInAs('staff');
    expect(await signIn()).toEqual({ email: 'staff@test.example', accessToken: 'staff-jwt' });
    for (const kind of ['kiosk', 'customer', undefined]) {
      signInAs(kind);
      expect(await signIn()).toBe('not_staff');
    }
  });

  it('tells a wrong password from a server that is away', async () => {
    const body = { code: 'invalid_credentials', message: 'Invalid login credentials' };
    answers['/auth/v1/token'] = { status: 400, body };
    expect(await signIn()).toBe('wrong_credentials');
    answers['/auth/v1/token'] = { status: 503, body: {} };
    expect(await signIn()).toBe('unreachable');
  });
});

describe('the report of today', () => {
  const session = { email: 'staff@test.example', accessToken: 'staff-jwt' };

  it('is asked for with the staff member’s own token', async () => {
    answers['/rest/v1/rpc/report_today'] = { status: 200, body: REPORT };
    expect(await door().todayReport(session, 'Europe/Berlin')).toEqual(REPORT);
    expect(seen.at(-1)?.authorization).toBe('Bearer staff-jwt');
    expect(JSON.parse(seen.at(-1)?.body ?? '')).toEqual({ p_time_zone: 'Europe/Berlin' });
  });

  it.each([
    [401, 'unauthorized'],
    [403, 'unauthorized'],
    [400, 'invalid'],
    [503, 'unreachable'],
  ] as const)('refused with %s says %s', async (status, code) => {
    answers['/rest/v1/rpc/report_today'] = { status, body: { code: 'X', message: 'm' } };
    await expect(door().todayReport(session, 'UTC')).rejects.toMatchObject({ code });
  });

  it('of another shape is not believed', async () => {
    answers['/rest/v1/rpc/report_today'] = { status: 200, body: { ...REPORT, hours: 'many' } };
    await expect(door().todayReport(session, 'UTC')).rejects.toMatchObject({ code: 'unreachable' });
  });
});
