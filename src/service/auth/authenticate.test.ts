import { scryptSync } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { roleAllows } from '../../inventory/roles.ts';
import type { Collection, Records, User } from '../../inventory/types.ts';
import { memoryInventory } from '../../store/memory/inventory.ts';
import type { Change } from '../../store/types.ts';
import { Inventory } from '../inventory.ts';
import { changeRecords } from '../records.ts';
import { Authenticator, CSRF_HEADER, SESSION_COOKIE } from './authenticate.ts';
import { ensureAdmin, FIRST_ADMIN } from './first-admin.ts';
import { hashPassword, verifyPassword } from './passwords.ts';
import { hashToken, makeAccessToken } from './tokens.ts';

const HOUR = 3600_000;
const PASSWORD = 'correct: horse ✓';

/** As `hashPassword` makes them, at a cost that tests can bear. */
function cheapHash(password: string, salt: string): string {
  const found = scryptSync(password.normalize('NFC'), Buffer.from(salt), 32, { N: 1024, r: 8, p: 1 });
  return `scrypt:1024:8:1:${Buffer.from(salt).toString('base64url')}:${found.toString('base64url')}`;
}

const hash = cheapHash(PASSWORD, 'one');
const otherHash = cheapHash('battery staple', 'two');

let now = 0;
let inventory: Inventory;
let auth: Authenticator;
let logged: object[] = [];

beforeEach(async () => {
  now = Date.UTC(2026, 0, 1);
  inventory = await Inventory.open(memoryInventory(), {}, () => now);
  logged = [];
  auth = new Authenticator({
    site: () => inventory.site,
    now: () => now,
    log: (level, message, values) => logged.push({ level, message, ...values }),
  });
  inventory.onChange((changes) => auth.observe(changes));
  await put('users', { login: 'ann', roles: ['viewer', 'operator'], password_hash: hash, ssh_keys: [] });
});

async function put<C extends Collection>(collection: C, record: Omit<Records[C], 'id'>): Promise<void> {
  const changes = [{ op: 'put', collection, record } as unknown as Change];
  await changeRecords(inventory, { via: 'cli' }, () => ({ changes, result: undefined }));
}

function user(login = 'ann'): User {
  return inventory.site.get('users', login)!;
}

const change = (fields: Partial<User>) => put('users', { ...user(), ...fields });
const basic = (login: string, password: string) =>
  `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}`;

const ask = (headers: Record<string, string>, { method = 'GET', remote = '192.0.2.1' } = {}) =>
  auth.authenticate({ method, headers, remote });
const askBasic = (login: string, password: string, remote = '192.0.2.1') =>
  ask({ authorization: basic(login, password) }, { remote });

async function makeToken(fields: object = {}): Promise<string> {
  const { value, hash: kept } = makeAccessToken();
  await put('personal_access_tokens', { name: 'ci', user: 'ann', hash: kept, created_at: now, ...fields });
  return value;
}

const UNAUTHENTICATED = { code: 'UNAUTHENTICATED', status: 401 };
const LIMITED = { code: 'RATE_LIMITED', status: 429 };

describe('by password', () => {
  it('is who knows it, with the highest role', async () => {
    expect(await askBasic('ann', PASSWORD)).toMatchObject({
      user: { login: 'ann' },
      role: 'operator',
      by: 'password',
    });
  });

  it.each([
    ['ann', 'wrong'],
    ['ann', ''],
    ['Ann', PASSWORD],
    ['nobody', PASSWORD],
    ['', ''],
    ['__proto__', 'x'],
  ])('is not %j with %j, and the sentence is what Foreman says', async (login, password) => {
    const refused = { ...UNAUTHENTICATED, message: `Unable to authenticate user ${login}` };
    await expect(askBasic(login, password)).rejects.toMatchObject(refused);
  });

  it.each([
    '',
    'Basic',
    'Basic ',
    'Basic !!!',
    'Digest x',
    'Bearer',
    'Negotiate abc',
    `Basic${'x'.repeat(9999)}`,
  ])('is nobody with the header %j', async (authorization) => {
    await expect(ask({ authorization })).rejects.toMatchObject(UNAUTHENTICATED);
  });

  it('is nobody without a password, disabled, or gone', async () => {
    await askBasic('ann', PASSWORD);
    await change({ disabled: true });
    await expect(askBasic('ann', PASSWORD)).rejects.toMatchObject(UNAUTHENTICATED);
    await put('users', { login: 'bob', roles: ['admin'], ssh_keys: [] });
    await expect(askBasic('bob', '')).rejects.toMatchObject(UNAUTHENTICATED);
    const { id } = user();
    await changeRecords(inventory, { via: 'cli' }, () => ({
      changes: [{ op: 'delete', collection: 'users', id }],
      result: undefined,
    }));
    await expect(askBasic('ann', PASSWORD)).rejects.toMatchObject(UNAUTHENTICATED);
  });

  it('may do nothing without a role', async () => {
    await change({ roles: [] });
    await expect(askBasic('ann', PASSWORD)).rejects.toMatchObject({ code: 'FORBIDDEN', status: 403 });
  });

  it('is another role at once when that is changed', async () => {
    await askBasic('ann', PASSWORD);
    await change({ roles: ['viewer'] });
    expect(await askBasic('ann', PASSWORD)).toMatchObject({ role: 'viewer' });
  });

  it('is asked for the new one as soon as it is changed, though the old one is remembered', async () => {
    await askBasic('ann', PASSWORD);
    await change({ password_hash: otherHash });
    await expect(askBasic('ann', PASSWORD)).rejects.toMatchObject(UNAUTHENTICATED);
    expect(await askBasic('ann', 'battery staple')).toMatchObject({ by: 'password' });
  });
});

describe('many logins', () => {
  it('with one password cost one verification, at once and one after the other', async () => {
    await change({ password_hash: await hashPassword(PASSWORD) });
    const work = async (run: () => Promise<unknown>) => {
      const before = process.cpuUsage();
      await run();
      const { user: own, system } = process.cpuUsage(before);
      return own + system;
    };
    const once = await work(() => verifyPassword('wrong', user().password_hash));
    const many = await work(async () => {
      await Promise.all(Array.from({ length: 50 }, () => askBasic('ann', PASSWORD)));
      for (let i = 0; i < 200; i++) await askBasic('ann', PASSWORD);
    });
    expect(many).toBeLessThan(once * 5);
  });

  it('that fail make their address wait, whoever they claim to be', async () => {
    for (let i = 0; i < 10; i++) await expect(askBasic(`u${i}`, 'x')).rejects.toMatchObject(UNAUTHENTICATED);
    await expect(askBasic('u', 'x')).rejects.toMatchObject({ ...LIMITED, values: { retry_after: 6 } });
    await expect(askBasic('u', 'x', '192.0.2.2')).rejects.toMatchObject(UNAUTHENTICATED);
    now += 6_000;
    await expect(askBasic('u', 'x')).rejects.toMatchObject(UNAUTHENTICATED);
  });

  it('that fail are not free when they come all at once', async () => {
    const all = await Promise.allSettled(Array.from({ length: 40 }, (_, i) => askBasic('ann', `guess ${i}`)));
    const codes = all.map((one) => (one.status === 'rejected' ? one.reason.code : 'let in'));
    expect(codes.filter((code) => code === 'UNAUTHENTICATED')).toHaveLength(10);
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(30);
  });

  it('that fail for one login from many addresses make it wait, but not those whose password is known', async () => {
    await askBasic('ann', PASSWORD);
    for (let i = 0; i < 50; i++) await askBasic('ann', `${i}`, `198.51.100.${i}`).catch(() => undefined);
    await expect(askBasic('ann', 'x', '203.0.113.1')).rejects.toMatchObject(LIMITED);
    expect(await askBasic('ann', PASSWORD, '203.0.113.1')).toMatchObject({ by: 'password' });
  });

  it('that fail are in the log with their address, once in a while', async () => {
    for (let i = 0; i < 5; i++) await askBasic('ann', `wrong ${i}`).catch(() => undefined);
    await askBasic('x'.repeat(10_000), 'wrong', '192.0.2.9').catch(() => undefined);
    expect(logged).toMatchObject([
      { level: 'warn', login: 'ann', remote: '192.0.2.1' },
      { login: 'x'.repeat(64), remote: '192.0.2.9' },
    ]);
    expect(JSON.stringify(logged)).not.toContain('wrong');
    now += 10_000;
    await askBasic('ann', 'wrong').catch(() => undefined);
    expect(logged).toHaveLength(3);
  });

  it('that are right cost nothing', async () => {
    await put('users', { login: 'bob', roles: ['admin'], password_hash: otherHash, ssh_keys: [] });
    for (let i = 0; i < 30; i++) {
      now += HOUR;
      await askBasic('ann', PASSWORD);
      await askBasic('bob', 'battery staple');
    }
    const started = now;
    for (let i = 0; i < 9; i++) await expect(askBasic('ann', 'x')).rejects.toMatchObject(UNAUTHENTICATED);
    expect(now).toBe(started);
  });
});

describe('by personal access token', () => {
  it('is its user, in place of the password or as a bearer', async () => {
    const value = await makeToken();
    expect(await askBasic('ann', value)).toMatchObject({ user: { login: 'ann' }, by: 'token' });
    expect(await ask({ authorization: `Bearer ${value}` })).toMatchObject({ role: 'operator', by: 'token' });
  });

  it('is kept as its SHA-256 and nothing else', async () => {
    const value = await makeToken();
    const [kept] = inventory.site.list('personal_access_tokens');
    expect(kept?.hash).toBe(hashToken(value));
    expect(kept?.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(await inventory.audits({ limit: 10 }))).not.toContain(kept?.hash);
  });

  it.each([
    ['expired', { expires_at: Date.UTC(2025, 0, 1) }],
    ['revoked', { revoked_at: Date.UTC(2025, 0, 1) }],
  ])('is nobody when it is %s', async (_what, fields) => {
    const value = await makeToken(fields);
    await expect(askBasic('ann', value)).rejects.toMatchObject(UNAUTHENTICATED);
    await expect(ask({ authorization: `Bearer ${value}` })).rejects.toMatchObject(UNAUTHENTICATED);
  });

  it('is nobody once it has expired, for another user, or of a user who is disabled', async () => {
    const value = await makeToken({ expires_at: now + HOUR });
    await put('users', { login: 'bob', roles: ['admin'], ssh_keys: [] });
    await expect(askBasic('bob', value)).rejects.toMatchObject(UNAUTHENTICATED);
    await expect(askBasic('', value)).rejects.toMatchObject(UNAUTHENTICATED);
    expect(await askBasic('ann', value)).toMatchObject({ by: 'token' });
    now += HOUR;
    await expect(askBasic('ann', value)).rejects.toMatchObject(UNAUTHENTICATED);
    const lasting = await makeToken({ name: 'other' });
    await change({ disabled: true });
    await expect(askBasic('ann', lasting)).rejects.toMatchObject(UNAUTHENTICATED);
  });

  it('is let in whatever others at the same address guess, who are made to wait', async () => {
    const value = await makeToken();
    for (let i = 0; i < 10; i++)
      await expect(askBasic('ann', `cbt_${i}`)).rejects.toMatchObject(UNAUTHENTICATED);
    await expect(askBasic('ann', 'cbt_x')).rejects.toMatchObject(LIMITED);
    expect(await askBasic('ann', value)).toMatchObject({ by: 'token' });
  });
});

describe('by session', () => {
  const request = { method: 'POST', headers: {}, remote: '192.0.2.1' };
  const cookieOf = ({ id }: { readonly id: string }) => `a=b; ${SESSION_COOKIE}=${id}; c=d`;

  it('is who logged in, and changes need what only its own pages know', async () => {
    const { session } = await auth.logIn('ann', PASSWORD, request);
    const cookie = cookieOf(session);
    expect(await ask({ cookie })).toMatchObject({ user: { login: 'ann' }, by: 'session' });
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      await expect(ask({ cookie }, { method })).rejects.toMatchObject({ code: 'CSRF_MISSING', status: 403 });
      const wrong = { cookie, [CSRF_HEADER]: session.id };
      await expect(ask(wrong, { method })).rejects.toMatchObject({ code: 'CSRF_MISSING' });
      const right = { cookie, [CSRF_HEADER]: session.csrf };
      expect(await ask(right, { method })).toMatchObject({ by: 'session' });
    }
  });

  it('has 256 random bits', async () => {
    const [a, b] = [await auth.logIn('ann', PASSWORD, request), await auth.logIn('ann', PASSWORD, request)];
    expect(Buffer.from(a.session.id, 'base64url')).toHaveLength(32);
    expect(new Set([a.session.id, b.session.id, a.session.csrf, b.session.csrf]).size).toBe(4);
  });

  it('begins only with the password', async () => {
    await expect(auth.logIn('ann', 'wrong', request)).rejects.toMatchObject(UNAUTHENTICATED);
    await expect(auth.logIn('ann', await makeToken(), request)).rejects.toMatchObject(UNAUTHENTICATED);
  });

  it('is over an hour after its last use, and twelve hours after it began', async () => {
    const { session } = await auth.logIn('ann', PASSWORD, request);
    const idle = await auth.logIn('ann', PASSWORD, request);
    for (let hours = 0; hours < 12; hours++) {
      await ask({ cookie: cookieOf(session) });
      now += HOUR;
    }
    await expect(ask({ cookie: cookieOf(idle.session) })).rejects.toMatchObject(UNAUTHENTICATED);
    await ask({ cookie: cookieOf(session) });
    now += 1000;
    await expect(ask({ cookie: cookieOf(session) })).rejects.toMatchObject(UNAUTHENTICATED);
  });

  it.each([
    ['logging out', async (cookie: string) => auth.logOut({ ...request, headers: { cookie } })],
    ['another password', () => change({ password_hash: otherHash })],
    [
      'being disabled, even if that is taken back',
      async () => {
        await change({ disabled: true });
        await put('users', (({ disabled: _, ...rest }) => rest)(user()));
      },
    ],
  ])('is ended by %s', async (_what, end) => {
    const { session } = await auth.logIn('ann', PASSWORD, request);
    const cookie = cookieOf(session);
    await ask({ cookie });
    await end(cookie);
    await expect(ask({ cookie })).rejects.toMatchObject(UNAUTHENTICATED);
  });
});

describe('roles', () => {
  it('may what those below them may', () => {
    expect(roleAllows('admin', 'viewer')).toBe(true);
    expect(roleAllows('operator', 'operator')).toBe(true);
    expect(roleAllows('operator', 'admin')).toBe(false);
    expect(roleAllows('viewer', 'operator')).toBe(false);
  });
});

describe('the first administrator', () => {
  const ensure = (given?: string) => ensureAdmin(inventory, { via: 'boot' }, given);

  it('is made once, with a password that is told once, and the audit knows', async () => {
    const password = await ensure();
    expect(password).toMatch(/^[\w-]{16}$/);
    expect(await askBasic(FIRST_ADMIN, password!)).toMatchObject({ role: 'admin' });
    expect(await ensure()).toBeUndefined();
    const { audits } = await inventory.audits({ limit: 10 });
    const made = audits.filter(({ name }) => name === FIRST_ADMIN);
    expect(made).toMatchObject([{ action: 'create', collection: 'users', via: 'boot' }]);
    expect(JSON.stringify(audits)).not.toContain(password);
    expect(JSON.stringify(audits)).not.toContain('scrypt:');
  });

  it('has the password that is given', async () => {
    await ensure('from a file');
    expect(await askBasic(FIRST_ADMIN, 'from a file')).toMatchObject({ role: 'admin' });
  });

  it('is not made where somebody is, even if disabled', async () => {
    await change({ roles: ['admin'], disabled: true });
    expect(await ensure()).toBeUndefined();
    expect(inventory.site.get('users', FIRST_ADMIN)).toBeUndefined();
  });

  it('is made once by servers that start together', async () => {
    const all = await Promise.all([ensure(), ensure(), ensure()]);
    expect(all.filter((password) => password !== undefined)).toHaveLength(1);
  });
});
