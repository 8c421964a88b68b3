/** The theforeman.foreman collection, unmodified, against a running server over HTTPS. */

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import type { Audit } from '../../src/store/types.ts';
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
    site: { media: [], operatingsystems: [] },
    config: {
      https: { port },
      tftp: { enabled: false },
      api: { admin_password_file: join(home, 'password') },
    },
  });
  await server.start();
  writeFileSync(join(home, 'ca.pem'), server.cli('certificate', 'ca').stdout);
  url = `https://127.0.0.1:${port}`;
});

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

/** Runs playbooks one after the other, in one process: what is counted is the sum. */
async function play(books: readonly string[], ...args: readonly string[]): Promise<Recap> {
  const child = spawn('ansible-playbook', [...books.map((book) => join(PLAYBOOKS, book)), ...args], {
    env: {
      PATH: process.env.PATH,
      HOME: home,
      SERVER: url,
      PASSWORD,
      MEDIUM: join(server.directory, 'medium'),
      REQUESTS_CA_BUNDLE: join(home, 'ca.pem'),
      ANSIBLE_NOCOLOR: '1',
      ANSIBLE_LOCALHOST_WARNING: 'False',
      // A module goes to Python on its standard input, not by way of a file: a quarter less time.
      ANSIBLE_PIPELINING: 'True',
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
  // The last play's line has the sums of all.
  const recap = output.slice(output.lastIndexOf('PLAY RECAP'));
  const count = (name: string) => Number(new RegExp(`${name}=(\\d+)`).exec(recap)?.[1] ?? -1);
  return { ok: count('ok'), changed: count('changed'), failed: count('failed'), output };
}

/** Ansible's words for an option of which the API says nothing. */
const UNSUPPORTED = 'not supported by your server';

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

/** What is made, what of it is changed, and what is taken away; hosts use what groups use. */
const MAKING = ['simple.yaml', 'groups.yaml', 'hosts.yaml'];
const CHANGING = MAKING.map((book) => book.replace('.yaml', '.change.yaml'));
const TAKING = MAKING.toReversed().map((book) => book.replace('.yaml', '.absent.yaml'));
const ONCE = ['once.yaml'];

const audits = () => server.json<readonly Audit[]>('audit', '--limit', '10000');

describe('playbooks', { timeout: 300_000 }, () => {
  it('make everything, and have nothing to do when they run again', async (context) => {
    need(context);
    const first = await play(MAKING);
    expect(first, first.output).toMatchObject({ failed: 0 });
    expect(first.changed).toBeGreaterThan(50);
    const again = await play(MAKING, '--diff');
    expect(again, again.output).toMatchObject({ failed: 0, changed: 0, ok: first.ok });
    for (const { output } of [first, again]) expect(output).not.toContain(UNSUPPORTED);
  });

  it('tell with --check what they would change, and change nothing', async (context) => {
    need(context);
    const before = audits().length;
    const { changed, failed, output } = await play(['groups.change.yaml'], '--check');
    expect({ changed, failed }, output).toEqual({ changed: 5, failed: 0 });
    expect(audits()).toHaveLength(before);
  });

  it('change everything, and have nothing to do when they run again', async (context) => {
    need(context);
    const first = await play(CHANGING);
    expect(first, first.output).toMatchObject({ failed: 0, changed: first.ok });
    const again = await play(CHANGING, '--diff', '-v');
    expect(again, again.output).toMatchObject({ failed: 0, changed: 0 });
    for (const { output } of [first, again]) expect(output).not.toContain(UNSUPPORTED);
    const { interfaces } = server.json<{ interfaces: readonly { identifier: string }[] }>(
      ...['host', 'show', 'two.hosts.example'],
    );
    expect(interfaces.map(({ identifier }) => identifier)).toEqual(
      ...[['eth0', 'eth1', 'bond0', 'eth2', 'bond0.8', 'br0', 'redfish']],
    );
  });

  it('do once what is done once', async (context) => {
    need(context);
    const { failed, output } = await play(ONCE);
    expect(failed, output).toBe(0);
    expect(output).not.toContain(UNSUPPORTED);
    const why = audits().filter(({ comment }) => comment === 'It runs in the end');
    expect(why.map(({ name, user }) => [name, user])).toContainEqual(['Our preseed', 'admin']);
  });

  it('take everything away, and have nothing to do when they run again', async (context) => {
    need(context);
    const first = await play(TAKING);
    expect(first, first.output).toMatchObject({ failed: 0, changed: first.ok });
    // With the networks: what one module does when there is nothing, all do.
    const again = await play(['hosts.absent.yaml']);
    expect(again, again.output).toMatchObject({ failed: 0, changed: 0 });
  });

  it('are all that there are', () => {
    const known = [...MAKING, ...CHANGING, ...TAKING, ...ONCE];
    expect(readdirSync(PLAYBOOKS).filter((name) => name.endsWith('.yaml'))).toEqual(known.toSorted());
  });
});
