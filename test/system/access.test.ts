/** Who may what, as a site runs it: the built program over HTTPS with its own certificate, its log and its database. */

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { ask } from './ask.ts';
import { Daemon, DEBIAN, freePorts, installing } from './daemon.ts';

const MAC = '52:54:00:77:00:10';
const ROOT_PASS = '$6$c2FsdHNhbHQ$rootpasswordhash';
const VAULT = 'open-sesame-of-the-host';
/** Whoever writes templates may log whatever they hold. */
const TALKATIVE = `<% log_warn("rootpw #{@host.root_pass}, then #{foreman_url('built')}") -%>done`;
const TEMPLATES = ['Preseed default iPXE', 'Preseed default', 'Talkative'];
const SITE = {
  templates: [{ name: 'Talkative', kind: 'finish', template: TALKATIVE }],
  operatingsystems: [{ ...DEBIAN, provisioning_templates: TEMPLATES }],
  subnets: [{ name: 'lo', network: '127.0.0.0/24', from: '127.0.0.100', to: '127.0.0.200' }],
  hosts: [
    installing('vm1.lab', MAC, '127.0.0.50', {
      root_pass: ROOT_PASS,
      parameters: { vault: VAULT },
      hidden_parameters: ['vault'],
    }),
  ],
};

const daemons: Daemon[] = [];
afterEach(async () => {
  for (const daemon of daemons.splice(0)) await daemon.close();
});

type Served = { readonly made: Daemon; readonly port: number };

async function prepared(config: object = {}, api: object = {}): Promise<Served> {
  const { http: port } = await freePorts();
  const made = new Daemon({
    link: { interface: 'lo', address: '127.0.0.1' },
    ports: await freePorts(),
    site: SITE,
    config: { https: { port }, api, log: { level: 'debug' }, ...config },
  });
  daemons.push(made);
  return { made, port };
}

async function served(config: object = {}, api: object = {}): Promise<Served> {
  const { made, port } = await prepared(config, api);
  await made.start();
  return { made, port };
}

/** The root lies beside its key. */
function caOf(made: Daemon): string {
  const text = readFileSync(join(made.directory, 'tls/authority.pem'), 'utf8');
  return text.slice(text.indexOf('-----BEGIN CERTIFICATE'));
}

const FIRST = /The administrator of the API is "admin" with the password (\S+)/;

/** What it said so far, of all its runs. */
function passwordOf(made: Daemon): string {
  const [, password] = FIRST.exec(made.log.join('\n')) ?? [];
  if (password === undefined) throw new Error(`no password in:\n${made.log.join('\n')}`);
  return password;
}

const api = ({ made, port }: Served, path: string, more: Partial<Parameters<typeof ask>[0]> = {}) =>
  ask({ url: `https://127.0.0.1:${port}/api${path}`, ca: caOf(made), ...more });

/** The command line's changes are seen a moment later. */
async function until<T>(look: () => Promise<T>, right: (seen: T) => boolean): Promise<T> {
  for (let tries = 0; ; tries++) {
    const seen = await look();
    if (right(seen) || tries > 40) return seen;
    await sleep(50);
  }
}

describe('the first administrator', () => {
  it('has a password that is shown once, opens the API over HTTPS, and is never shown again', async () => {
    const here = await served();
    const { made } = here;
    const password = passwordOf(made);
    const user = ['admin', password] as const;
    const told = await api(here, '/status', { user });
    expect([told.status, JSON.parse(told.text)]).toMatchObject([200, { result: 'ok' }]);
    expect((await api(here, '/status')).status).toBe(401);
    expect((await api(here, '/status', { user: ['admin', 'wrong'] })).text).toContain(
      'Unable to authenticate user admin',
    );
    await made.ended('SIGTERM');
    await made.serve();
    expect((await api(here, '/status', { user })).status).toBe(200);
    expect(made.log.filter((line) => line.includes(password))).toHaveLength(1);
  });

  it('has the password of a file, which is shown to nobody', async () => {
    const { made, port } = await prepared();
    const file = join(made.directory, 'password');
    writeFileSync(file, 'from a file\n');
    made.writeConfig({ api: { admin_password_file: file } });
    await made.start();
    expect((await api({ made, port }, '/status', { user: ['admin', 'from a file'] })).status).toBe(200);
    expect(made.log.join('\n')).not.toMatch(/from a file|with the password/);
  });

  it('is not made with a password that is none', async () => {
    const { made } = await prepared();
    const file = join(made.directory, 'password');
    writeFileSync(file, '\n');
    made.writeConfig({ api: { admin_password_file: file } });
    const ran = made.cli('serve');
    expect([ran.status, ran.stderr]).toEqual([2, expect.stringContaining('PASSWORD_UNUSABLE')]);
    expect(made.json('user', 'list')).toEqual([]);
  });
});

describe('the listener of the API', () => {
  it('answers plain HTTP with 403 and never with a redirect, unless that is allowed', async () => {
    const here = await served();
    const { made } = here;
    const user = ['admin', passwordOf(made)] as const;
    const plain = (path: string) => ask({ url: `${made.url}${path}`, user });
    for (const path of ['/api/status', '/api/v2/hosts', '/apidoc/v2.json']) {
      const { status, headers, text } = await plain(path);
      expect([status, headers.location, text]).toEqual([
        403,
        undefined,
        expect.stringContaining('TLS_NEEDED'),
      ]);
    }
    expect((await plain('/unattended/iPXE?bootstrap=1')).status).toBe(200);
    made.writeConfig({ api: { plain_http: true } });
    made.signal('SIGHUP');
    await made.logged(/"msg":"reloaded"/);
    expect((await plain('/api/status')).status).toBe(200);
  });

  it('hands out no https boot URLs by being there', async () => {
    const { made, port } = await served();
    const script = await ask({ url: `https://127.0.0.1:${port}/unattended/iPXE?mac=${MAC}`, ca: caOf(made) });
    expect(script.text).toContain(`${made.url}/unattended/provision?token=`);
    expect(made.log.at(-1)).toContain(`"https":["127.0.0.1:${port}"]`);
  });

  it('is not there when it is disabled, and nobody is made an administrator', async () => {
    const { made } = await served({}, { enabled: false });
    expect((await ask({ url: `${made.url}/api/status` })).status).toBe(404);
    expect(made.json('user', 'list')).toEqual([]);
    expect(existsSync(join(made.directory, 'tls'))).toBe(false);
  });

  it('says who is to be asked when its port is taken', async () => {
    const { made, port } = await prepared();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    try {
      const ran = made.cli('serve');
      expect([ran.status, ran.stderr]).toEqual([1, expect.stringContaining('PORT_TAKEN')]);
      expect(ran.stderr).toContain('https.port');
      expect(made.json('user', 'list')).toEqual([]);
    } finally {
      other.close();
    }
  });
});

describe('users and tokens of the command line', () => {
  const statusOf = (here: Served, more: object) => () =>
    api(here, '/status', more).then((answer) => answer.status);

  it('log in, with what their role allows, until they are deleted', async () => {
    const here = await served();
    const { made } = here;
    const file = join(made.directory, 'password');
    writeFileSync(file, 'battery staple\n');
    expect(made.cli('user', 'create', 'bob', '--role', 'viewer', '--password-file', file).status).toBe(0);
    const user = ['bob', 'battery staple'] as const;
    expect(await until(statusOf(here, { user }), (code) => code === 200)).toBe(200);
    const create = () => api(here, '/architectures', { method: 'POST', user, body: { name: 'riscv64' } });
    expect((await create()).status).toBe(403);
    expect(made.cli('user', 'role', 'bob', '--role', 'operator').status).toBe(0);
    expect((await until(create, (answer) => answer.status !== 403)).status).toBe(201);
    const listed = made.cli('user', 'list', '--json').stdout;
    expect(JSON.parse(listed)).toMatchObject([{ login: 'admin' }, { login: 'bob', role: 'operator' }]);
    expect(listed).not.toContain('scrypt');
    expect(made.cli('user', 'delete', 'bob').status).toBe(0);
    expect(await until(statusOf(here, { user }), (code) => code === 401)).toBe(401);
  });

  it('log in with a token until it is revoked', async () => {
    const here = await served();
    const { made } = here;
    const { token } = made.json<{ token: string }>('token', 'create', 'admin', 'ci');
    const user = ['admin', token] as const;
    expect(await until(statusOf(here, { user }), (code) => code === 200)).toBe(200);
    const listed = made.cli('token', 'list', '--json').stdout;
    expect(JSON.parse(listed)).toMatchObject([{ user: 'admin', name: 'ci', state: 'works' }]);
    expect(listed).not.toContain(token);
    expect(made.cli('token', 'revoke', 'admin', 'ci').status).toBe(0);
    expect(await until(statusOf(here, { user }), (code) => code === 401)).toBe(401);
  });

  it('ask for a password at the terminal without showing it', async (context) => {
    const { made } = await prepared();
    const command = [process.execPath, 'dist/main.js', '--config', made.configFile, 'user', 'create', 'bob'];
    const typed = spawnSync('script', ['-qec', command.join(' '), '/dev/null'], {
      encoding: 'utf8',
      input: 'correct horse\ncorrect horse\n',
      timeout: 60_000,
    });
    if (typed.error !== undefined) context.skip('script (Debian package bsdutils)');
    expect(typed.stdout).toContain('bob may log in');
    expect(typed.stdout.split('Password:')[1]).not.toContain('correct horse');
    expect(made.json('user', 'list')).toMatchObject([{ login: 'bob', password: 'set' }]);
  });

  it('take no short password, none without a terminal, and no name twice', async () => {
    const { made } = await prepared();
    const file = join(made.directory, 'password');
    writeFileSync(file, 'short\n');
    const create = (...args: string[]) => made.cli('user', 'create', 'bob', ...args);
    expect(create('--password-file', file)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('PASSWORD_UNUSABLE'),
    });
    expect(create()).toMatchObject({ status: 2, stderr: expect.stringContaining('PASSWORD_UNUSABLE') });
    writeFileSync(file, 'long enough\n');
    expect(create('--password-file', file).status).toBe(0);
    expect(create('--password-file', file)).toMatchObject({ status: 2 });
  });
});

describe('boot endpoints', () => {
  it('let one address ask so often, show an iPXE why it waits, and take reports all the same', async () => {
    const here = await served({ http: { port: (await freePorts()).http, boot_burst: 10, boot_rate: 1 } });
    const { made } = here;
    const [, port] = /"http":\["127\.0\.0\.1:(\d+)"/.exec(made.log.join('\n')) ?? [];
    const get = (path: string, agent = 'curl') =>
      ask({ url: `http://127.0.0.1:${port}${path}`, headers: { 'user-agent': agent } });
    const script = (await get(`/unattended/iPXE?mac=${MAC}`, 'iPXE/1.21.1')).text;
    const [, token] = /token=([\w-]+)/.exec(script) ?? [];
    for (let i = 0; i < 20; i++) await get('/unattended/finish?mac=52:54:00:00:00:99');
    const refused = await get(`/unattended/provision?token=${token}`);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await get('/userdata/user-data')).status).toBe(429);
    const shown = await get(`/unattended/iPXE?mac=${MAC}`, 'iPXE/1.21.1');
    expect([shown.status, shown.text]).toEqual([200, expect.stringContaining('BOOT_RATE_LIMITED')]);
    expect(shown.text).toContain('chain --replace --autofree');
    expect((await get(`/unattended/built?token=${token}`)).status).toBe(201);
    await made.logged(/boot_burst/);
  });
});

describe('secrets', () => {
  it('are in no line of the log and in no step of the trace', async () => {
    const here = await served();
    const { made } = here;
    const password = passwordOf(made);
    const from = made.log.findIndex((line) => line.includes(password)) + 1;
    const { token: personal } = made.json<{ token: string }>('token', 'create', 'admin', 'ci');
    const user = ['admin', password] as const;
    await until(
      () => api(here, '/status', { headers: { authorization: `Bearer ${personal}` } }),
      ({ status }) => status === 200,
    );
    const login = await api(here, '/sessions', { method: 'POST', body: { login: 'admin', password } });
    const cookie = String(login.headers['set-cookie']).split(';')[0]!;
    expect(String(login.headers['set-cookie'])).toMatch(/HttpOnly.*Secure.*SameSite=Strict/);
    expect((await api(here, '/status', { headers: { cookie } })).status).toBe(200);
    await api(here, '/status', { user: ['admin', `${password}-mistyped`] });
    await api(here, '/hosts', {
      method: 'POST',
      user,
      body: { host: { root_pass: password, token: personal } },
    });
    await api(here, `/hosts?search=${encodeURIComponent(`token=${personal}`)}`, { user });

    const script = (await ask({ url: `${made.url}/unattended/iPXE?mac=${MAC}` })).text;
    const [, build = ''] = /token=([\w-]+)/.exec(script) ?? [];
    expect(build).not.toBe('');
    expect((await ask({ url: `${made.url}/unattended/provision?token=${build}` })).text).toContain(ROOT_PASS);
    await ask({ url: `${made.url}/unattended/nothing?token=${build}` });
    expect((await ask({ url: `${made.url}/unattended/finish?token=${build}` })).text).toBe('done');
    await ask({ url: `${made.url}/unattended/built?token=${build}` });
    await ask({ url: `${made.url}/unattended/built?token=${build}x` });
    await made.ended('SIGTERM');

    const boots = made.json<readonly { readonly id: string }[]>('boots');
    const trace = boots.map(({ id }) => made.cli('boot', 'show', id, '--json').stdout);
    const told = [...made.log.slice(from), ...trace].join('\n');
    expect(told).toContain('http.built');
    expect(told).toMatch(/rootpw \[redacted\],? then .*built\?token=\[redacted\]/);
    const basic = Buffer.from(`admin:${password}`).toString('base64');
    for (const secret of [
      password,
      basic,
      personal,
      cookie.split('=')[1]!,
      build,
      ROOT_PASS,
      VAULT,
      'scrypt:',
    ])
      expect(told).not.toContain(secret);
    const database = join(made.directory, 'chainboot.db');
    expect(statSync(database).mode & 0o777).toBe(0o600);
    const file = readFileSync(database, 'latin1');
    for (const secret of [password, personal, cookie.split('=')[1]!]) expect(file).not.toContain(secret);
  });
});
