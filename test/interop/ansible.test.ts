/** The theforeman.foreman collection, unmodified, against a running server over HTTPS. */

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { Daemon, freePorts } from '../system/daemon.ts';

const PLAYBOOKS = fileURLToPath(new URL('./ansible', import.meta.url));
const PASSWORD = 'correct horse battery';

let server: Daemon;
let home: string;
let url: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'chainboot-ansible-'));
  const { http: port } = await freePorts();
  writeFileSync(join(home, 'password'), `${PASSWORD}\n`);
  server = new Daemon({
    link: { interface: 'lo', address: '127.0.0.1', mode: 'off' },
    ports: await freePorts(),
    site: {},
    config: {
      https: { port },
      tftp: { enabled: false },
      api: { admin_password_file: join(home, 'password') },
    },
  });
  await server.start();
  writeFileSync(join(home, 'ca.pem'), server.cli('certificate', 'ca').stdout);
  url = `https://127.0.0.1:${port}`;
}, 30_000);

afterAll(async () => {
  await server?.close();
  rmSync(home, { recursive: true });
});

type Recap = {
  readonly ok: number;
  readonly changed: number;
  readonly failed: number;
  readonly output: string;
};

async function play(playbook: string, ...args: readonly string[]): Promise<Recap> {
  const child = spawn('ansible-playbook', [join(PLAYBOOKS, playbook), ...args], {
    env: {
      PATH: process.env.PATH,
      HOME: home,
      SERVER: url,
      PASSWORD,
      MEDIUM: join(server.directory, 'medium'),
      REQUESTS_CA_BUNDLE: join(home, 'ca.pem'),
      ANSIBLE_NOCOLOR: '1',
      ANSIBLE_LOCALHOST_WARNING: 'False',
      LC_ALL: 'C.UTF-8',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => {
      output += data;
    });
  await new Promise((resolve) => child.once('close', resolve));
  const count = (name: string) => Number(new RegExp(`${name}=(\\d+)`).exec(output)?.[1] ?? -1);
  return { ok: count('ok'), changed: count('changed'), failed: count('failed'), output };
}

/** Programs and files, with the packages that bring them. */
const NEEDS = [
  ['/usr/bin/ansible-playbook', 'ansible'],
  [
    '/usr/lib/python3/dist-packages/ansible_collections/theforeman/foreman/plugins/modules/host.py',
    'ansible',
  ],
  ['/usr/lib/python3/dist-packages/requests/__init__.py', 'python3-requests'],
] as const;

function need(context: TestContext): void {
  for (const [file, debian] of NEEDS)
    if (!existsSync(file)) context.skip(`${file} is missing: apt install ${debian}`);
}

/** `x.absent.yaml` takes away what `x.yaml` makes. */
const books = readdirSync(PLAYBOOKS).filter((name) => /^[^.]+\.yaml$/.test(name));

describe.each(books)('%s', (book) => {
  it('makes everything, and has nothing to do when it runs again', { timeout: 300_000 }, async (context) => {
    need(context);
    const first = await play(book);
    expect(first, first.output).toMatchObject({ failed: 0 });
    expect(first.changed).toBeGreaterThan(3);
    expect(first.output).not.toContain('not supported by your server');
    const again = await play(book, '--diff');
    expect(again, again.output).toMatchObject({ failed: 0, changed: 0 });
  });

  it('takes everything away, and has nothing to do when it runs again', {
    timeout: 300_000,
  }, async (context) => {
    need(context);
    const absent = book.replace('.yaml', '.absent.yaml');
    const first = await play(absent);
    expect(first, first.output).toMatchObject({ failed: 0, changed: first.ok });
    const again = await play(absent);
    expect(again, again.output).toMatchObject({ failed: 0, changed: 0 });
  });
});
