/** `chainboot api` as an administrator uses it, against the running program. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Daemon, freePorts } from './daemon.ts';

const PASSWORD = 'correct horse battery';

let server: Daemon;
let password: string;

beforeAll(async () => {
  const { http: port } = await freePorts();
  server = new Daemon({
    link: { interface: 'lo', address: '127.0.0.1', mode: 'off' },
    ports: await freePorts(),
    site: { domains: [{ name: 'lab.example' }] },
    config: { https: { port }, tftp: { enabled: false }, api: { enabled: true } },
  });
  password = join(server.directory, 'password');
  writeFileSync(password, `${PASSWORD}\n`);
  expect(server.cli('user', 'create', 'jane', '--role', 'operator', '--password-file', password).status).toBe(
    0,
  );
  await server.start();
});
afterAll(() => server?.close());

const api = (...args: readonly string[]) =>
  server.cli('api', ...args, '--user', 'jane', '--password-file', password);

it('asks the server of the configuration, whose root it trusts', () => {
  const { status, stdout } = api('GET', '/domains?search=name%3Dlab.example');
  expect([status, JSON.parse(stdout).results[0].name]).toEqual([0, 'lab.example']);
});

it('sends bodies, and those of files', () => {
  expect(JSON.parse(api('POST', '/domains', '--data', '{"name": "a.example"}').stdout).name).toBe(
    'a.example',
  );
  const file = join(server.directory, 'domain.json');
  writeFileSync(file, '{"domain": {"fullname": "A"}}');
  expect(JSON.parse(api('PUT', '/domains/a.example', '-d', `@${file}`).stdout).fullname).toBe('A');
});

it('logs in with a token', () => {
  const token = join(server.directory, 'token');
  writeFileSync(token, server.cli('token', 'create', 'jane', 'ci').stdout);
  const { status, stdout } = server.cli('api', 'GET', '/current_user', '--token-file', token);
  expect([status, JSON.parse(stdout)]).toMatchObject([0, { login: 'jane', authenticated_by: 'token' }]);
});

it('tells by its exit status what was refused, and what cannot be asked', () => {
  const refused = api('GET', '/domains/none');
  expect([refused.status, JSON.parse(refused.stdout).error.code]).toEqual([2, 'RECORD_NOT_FOUND']);
  expect(api('GET', 'domains').stderr).toContain('USAGE');
  const nobody = api('GET', '/domains', '--server', 'https://127.0.0.1:1');
  expect([nobody.status, nobody.stderr]).toEqual([1, expect.stringContaining('API_UNREACHABLE')]);
});
