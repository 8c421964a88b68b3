/** What comes before an operation: who asks, and what is read of what was sent. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiRig, apiRig } from '../../test/api-rig.ts';
import { CSRF_HEADER } from '../service/auth/authenticate.ts';
import { hashPassword } from '../service/auth/passwords.ts';

let rig: ApiRig;
beforeAll(async () => {
  rig = await apiRig();
  const password_hash = await hashPassword('battery staple');
  await rig.put(
    ['users', { login: 'ann', roles: ['operator'], password_hash, ssh_keys: [] }],
    [
      'domains',
      {
        name: 'secret.example',
        parameters: { vault: 'sesame', colour: 'blue' },
        hidden_parameters: ['vault'],
      },
    ],
  );
});
afterAll(() => rig.close());

type Sent = { readonly headers?: Record<string, string>; readonly payload?: string };

async function send(method: string, url: string, { headers = {}, payload }: Sent = {}) {
  const response = await rig.server.inject({
    method: method as 'GET',
    url,
    headers,
    ...(payload && { payload }),
  });
  return { status: response.statusCode, headers: response.headers, body: response.body };
}

const JSON_TYPE = { 'content-type': 'application/json' };
const code = (body: unknown) => (body as { readonly error: { readonly code: string } }).error.code;

describe('who asks', () => {
  it('is told to log in, in the words of Foreman', async () => {
    const { status, headers, body } = await rig.call('GET', '/domains', undefined, null);
    expect([status, headers['www-authenticate'], code(body)]).toEqual([
      401,
      'Basic realm="Chainboot"',
      'UNAUTHENTICATED',
    ]);
  });

  it('is known before anything of the body is looked at', async () => {
    const payload = 'x'.repeat(2 * 1024 * 1024);
    const post = (path: string) => send('POST', path, { headers: JSON_TYPE, payload });
    expect((await post('/api/domains')).status).toBe(401);
    expect((await post('/api/nothing')).status).toBe(404);
    const { status, body } = await rig.call('POST', '/domains', '{"not json', 'viewer');
    expect([status, code(body)]).toEqual([403, 'FORBIDDEN']);
  });

  it('may log in with a browser, whose cookie alone changes nothing', async () => {
    const payload = JSON.stringify({ login: 'ann', password: 'battery staple' });
    const login = await send('POST', '/api/sessions', { headers: JSON_TYPE, payload });
    expect(login.status).toBe(201);
    const set = String(login.headers['set-cookie']);
    for (const flag of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/']) expect(set).toContain(flag);
    expect(set).toMatch(/^__Host-/);
    const cookie = set.split(';')[0]!;
    const { csrf_token } = JSON.parse(login.body) as { csrf_token: string };
    expect((await send('GET', '/api/domains', { headers: { cookie } })).status).toBe(200);

    const create = (headers: Record<string, string>, name: string) =>
      send('POST', '/api/domains', {
        headers: { ...JSON_TYPE, cookie, ...headers },
        payload: JSON.stringify({ name }),
      });
    const forged = await create({}, 'forged.example');
    expect([forged.status, code(JSON.parse(forged.body))]).toEqual([403, 'CSRF_MISSING']);
    expect(rig.inventory.site.get('domains', 'forged.example')).toBeUndefined();
    expect((await create({ [CSRF_HEADER]: csrf_token }, 'own.example')).status).toBe(201);

    const out = await send('DELETE', '/api/sessions/current', {
      headers: { cookie, [CSRF_HEADER]: csrf_token },
    });
    expect([out.status, String(out.headers['set-cookie'])]).toEqual([
      200,
      expect.stringContaining('Max-Age=0'),
    ]);
    expect((await send('GET', '/api/domains', { headers: { cookie } })).status).toBe(401);
  });

  it('is told how long to wait after too many wrong passwords', async () => {
    const headers = { authorization: `Basic ${Buffer.from('ann:wrong').toString('base64')}` };
    const answers = [];
    for (let i = 0; i < 11; i++) answers.push(await send('GET', '/api/domains', { headers }));
    expect(answers.map(({ status }) => status)).toEqual([...Array(10).fill(401), 429]);
    expect(Number(answers.at(-1)!.headers['retry-after'])).toBe(6);
  });
});

describe('the last administrator', () => {
  it.each([
    ['deleted', 'DELETE', undefined],
    ['disabled', 'PUT', { user: { disabled: true } }],
    ['made anything less', 'PUT', { user: { admin: false } }],
  ])('cannot be %s', async (_what, method, body) => {
    const { status } = await rig.call(method, '/users/admin', body);
    expect(status).toBe(422);
    expect(rig.inventory.site.get('users', 'admin')).toMatchObject({ roles: ['admin'] });
  });

  it('can go when there is another, who may be one by a group', async () => {
    await rig.put(
      ['users', { login: 'eve', ssh_keys: [] }],
      ['usergroups', { name: 'admins', users: ['eve'], usergroups: [], roles: ['admin'] }],
      ['users', { login: 'old', roles: ['admin'], ssh_keys: [] }],
    );
    expect((await rig.call('DELETE', '/users/old')).status).toBe(200);
  });
});

describe('a user', () => {
  it.each([
    ['login', ''],
    ['login', 'a/b'],
    ['login', 'a:b'],
    ['login', ' ann'],
    ['login', 'a\u0007b'],
    ['login', 'x'.repeat(101)],
    ['mail', 'ann'],
    ['mail', 'ann@'],
    ['mail', 'ann@example.com, bob@example.com'],
  ])('is not made with the %s "%s"', async (field, value) => {
    const { status, body } = await rig.call('POST', '/users', { login: 'tim', [field]: value });
    expect([status, Object.keys(body.error.errors)]).toEqual([422, [field]]);
  });

  it('may have blanks and signs in its login, and has no mail address when it is emptied', async () => {
    const made = await rig.call('POST', '/users', { login: 'EXAMPLE\\tim o-_.@#1', mail: 'tim@example.com' });
    expect([made.status, made.body.mail]).toEqual([201, 'tim@example.com']);
    for (const mail of [null, '']) {
      const { status, body } = await rig.call('PUT', `/users/${made.body.id}`, { mail });
      expect([status, body.mail]).toEqual([200, null]);
    }
  });
});

describe('what is sent', () => {
  it('may not nest deeper than records do', async () => {
    const deep = (levels: number) => `{"name":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    expect(code((await rig.call('POST', '/domains', deep(32))).body)).toBe('BODY_TOO_DEEP');
    expect(code((await rig.call('POST', '/domains', deep(31))).body)).not.toBe('BODY_TOO_DEEP');
  });

  it('may not be longer than is allowed', async () => {
    const { status, body } = await rig.call('POST', '/domains', { name: 'x'.repeat(1024 * 1024) });
    expect([status, code(body)]).toEqual([413, 'BODY_TOO_LARGE']);
  });
});

describe('hidden parameters', () => {
  const found = async (search: string) => {
    const { body } = await rig.get(`/domains?search=${encodeURIComponent(search)}`, 'viewer');
    return (body.results as readonly { readonly name: string }[]).map(({ name }) => name);
  };

  it('are not found by their values', async () => {
    expect(await found('params.colour = blue')).toEqual(['secret.example']);
    expect(await found('params.vault = sesame')).toEqual([]);
    expect(await found('params.vault ~ s')).toEqual([]);
  });

  it('are shown to administrators alone', async () => {
    const shown = async (role: 'viewer' | 'operator' | 'admin') =>
      JSON.stringify((await rig.get('/domains/secret.example', role)).body);
    expect(await shown('viewer')).not.toContain('sesame');
    expect(await shown('operator')).not.toContain('sesame');
    expect(await shown('admin')).toContain('sesame');
  });
});
