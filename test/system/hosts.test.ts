/**
 * Hosts by the command line, beside a daemon that serves a network of its own, on which a stranger has an address:
 *
 *     namespace ── br0 10.77.0.1/24 (chainboot serve)
 *                   └── cl0 ═ veth ═ namespace of the stranger: 10.77.0.101, and 10.77.0.100 by DHCP
 */

import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLab, type Lab } from '../../src/lab/netns.ts';
import { Inventory } from '../../src/service/inventory.ts';
import { openSqlite } from '../../src/store/sqlite/open.ts';
import { Daemon } from './daemon.ts';

const SUBNET = {
  name: 'lab',
  network: '10.77.0.0/24',
  gateway: '10.77.0.1',
  from: '10.77.0.100',
  to: '10.77.0.120',
};
const MAC = '52:54:00:77:00:10';

let lab: Lab | undefined;
let stranger = '';
let daemon: Daemon | undefined;

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}

function missing(): string | undefined {
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  return existsSync('/usr/sbin/udhcpc') ? undefined : 'udhcpc is missing: apt install udhcpc';
}

beforeAll(async () => {
  if (missing() !== undefined) return;
  lab = await createLab({ address: '10.77.0.1/24' });
  stranger = `${lab.namespace}-other`;
  ip('netns', 'add', stranger);
  ip('link', 'add', 'cl0', 'netns', lab.namespace, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', stranger);
  ip('-n', stranger, 'link', 'set', 'eth0', 'up');
  ip('-n', stranger, 'address', 'add', '10.77.0.101/24', 'dev', 'eth0');
  ip('-n', lab.namespace, 'link', 'set', 'cl0', 'master', 'br0', 'up');
  const link = { interface: 'br0', address: '10.77.0.1', mode: 'server' } as const;
  const ports = { http: 80, tftp: 69, dhcp: 67 };
  daemon = await new Daemon({ link, ports, site: { subnets: [SUBNET] }, inside: lab.inside }).start();
  const client = ['udhcpc', '-i', 'eth0', '-n', '-q', '-f', '-s', '/bin/true', '-t', '5'];
  const leased = spawnSync('ip', ['netns', 'exec', stranger, ...client], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (leased.status !== 0) throw new Error(leased.stderr);
});

afterAll(async () => {
  await daemon?.close();
  if (stranger !== '') spawnSync('ip', ['netns', 'del', stranger]);
  await lab?.close();
});

type Shown = {
  readonly interfaces: readonly { readonly ip?: string }[];
  readonly build_status_label: string;
  readonly build_end?: { readonly how: string };
};

it('a free address is one that nobody has leased, and nobody answers for', (context) => {
  const reason = missing();
  if (reason !== undefined) context.skip(reason);
  expect(daemon!.cli('subnet', 'free-ip', 'lab')).toMatchObject({ status: 0, stdout: '10.77.0.102\n' });
  expect(daemon!.json('subnet', 'free-ip', 'lab')).toEqual({ subnet: 'lab', freeip: '10.77.0.102' });
  expect(daemon!.cli('subnet', 'free-ip', 'nowhere').status).toBe(2);
});

it('a host is made with such an address, built, cancelled and deleted', (context) => {
  const reason = missing();
  if (reason !== undefined) context.skip(reason);
  const made = daemon!;
  const system = ['--os', 'Debian 12', '--medium', 'Debian local', '--subnet', 'lab'];
  const host = made.json<Shown>('host', 'create', 'vm1.lab', '--mac', MAC, ...system, '--build');
  expect(host).toMatchObject({
    interfaces: [{ mac: MAC, ip: '10.77.0.102' }],
    build_status_label: 'Pending installation',
    token: { value: expect.any(String) },
  });
  expect(made.cli('host', 'create', 'vm2.lab', '--mac', MAC, '--ip', '10.77.0.102')).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/interfaces\.0\.mac: .*\n.*interfaces\.0\.ip: /),
  });
  expect(made.cli('host', 'cancel', 'vm1.lab').status).toBe(0);
  expect(made.json<Shown>('host', 'show', 'vm1.lab')).toMatchObject({
    build: false,
    build_end: { how: 'cancelled' },
    global_status_label: 'OK',
  });
  rmSync(join(made.directory, 'medium'), { recursive: true });
  const refused = made.cli('host', 'build', 'vm1.lab');
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain('HOST_UNBOOTABLE');
  expect(refused.stderr.match(/vm1\.lab: medium: /g)).toHaveLength(2);
  expect(made.cli('host', 'build', 'vm1.lab', '--force')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('is in build mode'),
  });
  expect(made.cli('check')).toMatchObject({
    stderr: expect.stringMatching(/warning: hosts vm1\.lab in build mode: medium: /),
  });
  expect(made.cli('host', 'delete', 'vm1.lab').status).toBe(0);
  expect(made.cli('host', 'show', 'vm1.lab').status).toBe(2);
});

it('a token that runs out is noticed by the daemon, told in its log, and recorded', async (context) => {
  const reason = missing();
  if (reason !== undefined) context.skip(reason);
  const made = daemon!;
  const system = ['--os', 'Debian 12', '--medium', 'Debian local'];
  expect(made.cli('host', 'create', 'late.lab', '--mac', MAC, ...system, '--build', '--force')).toMatchObject(
    { status: 0 },
  );
  const store = openSqlite(join(made.directory, 'chainboot.db'));
  try {
    const inventory = await Inventory.open(store.inventory, {});
    const [seen, expires_at] = [made.log.length, Date.now() + 300];
    await inventory.change((site) => {
      const record = { ...site.get('hosts', 'late.lab')!, token: { value: 'short', expires_at } };
      return { changes: [{ op: 'put', collection: 'hosts', record }], result: undefined };
    });
    expect(await made.logged(/the build token expired/, seen)).toContain('late.lab');
    await inventory.refresh();
    expect(inventory.site.get('hosts', 'late.lab')).toMatchObject({
      build: true,
      build_end: { how: 'expired', at: expires_at },
    });
    const { audits } = await inventory.audits({ collection: 'hosts', name: 'late.lab', limit: 1 });
    expect(audits).toMatchObject([{ via: 'clock', action: 'update' }]);
  } finally {
    await store.close();
  }
});
