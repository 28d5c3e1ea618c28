/** `/admin/users`: accounts managed with the service role key. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type AuthContext, checkNewPassword, mergeMetadata, requireToken, transact } from './context.ts';
import { AuthError, userNotFound, validationFailed } from './errors.ts';
import { hashPassword } from './passwords.ts';
import { adminCreateSchema, adminDeleteSchema, adminUpdateSchema, pageSchema, parseBody } from './schemas.ts';
import {
  EMAIL_PROVIDER,
  findUserById,
  insertUser,
  listUsers,
  publicUser,
  type UserChanges,
  updateUser,
} from './users.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DEFAULT_PAGE_SIZE = 50;

/** Registers the routes; `parse` reads a JSON body. */
export function adminRoutes(
  app: FastifyInstance,
  context: AuthContext,
  parse: (request: FastifyRequest) => unknown,
): void {
  const requireService = async (request: FastifyRequest) => {
    const { role } = await requireToken(context, request);
    if (role !== 'service_role') throw new AuthError(403, 'not_admin', 'User not allowed');
  };

  app.post('/admin/users', async (request) => {
    await requireService(request);
    return createUser(context, parse(request));
  });

  app.get('/admin/users', async (request, reply) => {
    await requireService(request);
    const { page, perPage } = pageOf(request);
    const { users, total } = await transact(context, (client) => listUsers(client, page, perPage));
    reply.header('x-total-count', String(total));
    const last = Math.max(1, Math.ceil(total / perPage));
    const link = (to: number, rel: string) => `</admin/users?page=${to}&per_page=${perPage}>; rel="${rel}"`;
    reply.header('link', [...(page < last ? [link(page + 1, 'next')] : []), link(last, 'last')].join(', '));
    return { users: users.map(publicUser), aud: 'authenticated' };
  });

  app.get('/admin/users/:id', async (request) => {
    await requireService(request);
    const user = await transact(context, (client) => findUserById(client, idOf(request)));
    if (!user) throw userNotFound();
    return publicUser(user);
  });

  app.put('/admin/users/:id', async (request) => {
    await requireService(request);
    return changeUser(context, idOf(request), parse(request));
  });

  app.delete('/admin/users/:id', async (request) => {
    await requireService(request);
    parseBody(adminDeleteSchema, parse(request) ?? {});
    const id = idOf(request);
    await transact(context, async (client) => {
      const { rowCount } = await client.query('delete from auth.users where id = $1', [id]);
      if (rowCount === 0) throw userNotFound();
    });
    return {};
  });
}

async function createUser(context: AuthContext, body: unknown): Promise<Record<string, unknown>> {
  const fields = parseBody(adminCreateSchema, body);
  const changes: UserChanges = {
    email: fields.email,
    ...(await passwordChange(fields.password)),
    ...(fields.email_confirm ? { email_confirmed_at: new Date() } : {}),
    ...banChange(fields.ban_duration),
    raw_app_meta_data: mergeMetadata(EMAIL_PROVIDER, fields.app_metadata ?? {}),
    raw_user_meta_data: mergeMetadata({}, fields.user_metadata ?? {}),
  };
  return transact(context, async (client) =>
    publicUser(await insertUser(client, changes, 'email_exists', fields.id)),
  );
}

async function changeUser(context: AuthContext, id: string, body: unknown): Promise<Record<string, unknown>> {
  const fields = parseBody(adminUpdateSchema, body);
  const password = await passwordChange(fields.password);
  return transact(context, async (client) => {
    const user = await findUserById(client, id);
    if (!user) throw userNotFound();
    const { app_metadata: app, user_metadata: own, email } = fields;
    const becomesAccount = email !== undefined && user.email === null;
    const appMetadata = { ...user.raw_app_meta_data, ...(becomesAccount ? EMAIL_PROVIDER : {}) };
    const after = await updateUser(client, id, {
      ...password,
      ...(email === undefined ? {} : { email, is_anonymous: false }),
      ...(fields.email_confirm ? { email_confirmed_at: new Date() } : {}),
      ...banChange(fields.ban_duration),
      raw_app_meta_data: mergeMetadata(appMetadata, app ?? {}),
      raw_user_meta_data: mergeMetadata(user.raw_user_meta_data, own ?? {}),
    });
    return publicUser(after);
  });
}

async function passwordChange(password: string | undefined): Promise<UserChanges> {
  if (password === undefined) return {};
  checkNewPassword(password);
  return { encrypted_password: await hashPassword(password) };
}

function banChange(duration: string | undefined): UserChanges {
  if (duration === undefined) return {};
  if (duration === 'none') return { banned_until: null };
  return { banned_until: new Date(Date.now() + Number.parseInt(duration, 10) * 3_600_000) };
}

function idOf(request: FastifyRequest): string {
  const { id } = request.params as { id: string };
  if (!UUID.test(id)) throw validationFailed('user_id must be an UUID');
  return id;
}

/** supabase-js sends both parameters always, empty when they were not set. */
function pageOf(request: FastifyRequest): { page: number; perPage: number } {
  const query = request.query as Record<string, string | undefined>;
  const { page, per_page: perPage } = parseBody(pageSchema, {
    page: query['page'] || 1,
    per_page: query['per_page'] || DEFAULT_PAGE_SIZE,
  });
  return { page, perPage };
}
