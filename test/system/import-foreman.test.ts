/**
 * `chainboot import foreman` against the API of a running server, which speaks Foreman's: whatever was declared there is
 * what is here afterwards.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Daemon, DEBIAN, freePorts, installing } from './daemon.ts';

const PASSWORD = 'correct horse battery';
const SITE = {
  parameters: { ntp: 'ntp.example', retries: 3, list: ['a', 'b'] },
  settings: { dns_timeout: [5, 10] },
  organizations: [{ name: 'Org', parameters: { of_org: true } }],
  locations: [{ name: 'Loc' }, { name: 'Rack', parent: 'Loc' }],
  domains: [{ name: 'lab.example', fullname: 'The lab', parameters: { of_domain: 'x' } }],
  subnets: [
    {
      name: 'lab',
      network: '127.0.0.0/24',
      from: '127.0.0.100',
      to: '127.0.0.200',
      domain: 'lab.example',
      ipam: 'Internal DB',
    },
    { name: 'lab6', network: '2001:db8::/64', boot_mode: 'Static' },
  ],
  architectures: [{ name: 'x86_64' }],
  models: [{ name: 'R640', info: 'fast' }],
  smart_proxies: [{ name: 'edge', url: 'https://edge.example:8443' }],
  templates: [
    { name: 'Ours', kind: 'provision', template: 'text of <%= @host.name %>\n' },
    { name: 'Part', kind: 'snippet', template: 'part\n' },
  ],
  media: [{ name: 'mirror', path: 'http://mirror.example/debian', os_family: 'Debian' }],
  operatingsystems: [
    {
      ...DEBIAN,
      media: ['mirror'],
      description: 'Debian bookworm',
      provisioning_templates: ['Ours'],
      default_templates: { provision: 'Ours' },
    },
  ],
  users: [{ login: 'jane', mail: 'jane@lab.example', roles: ['operator'] }],
  usergroups: [{ name: 'wheel', users: ['jane'] }],
  hostgroups: [
    {
      name: 'base',
      operatingsystem: 'Debian 12',
      medium: 'mirror',
      subnet: 'lab',
      pxe_loader: 'PXELinux BIOS',
    },
    { name: 'web', parent: 'base', parameters: { role: 'web' }, provisioning_templates: ['Ours'] },
  ],
  hosts: [
    installing('one.lab.example', '52:54:00:77:00:10', '127.0.0.50', {
      medium: 'mirror',
      hostgroup: 'base/web',
      owner: 'jane',
      organization: 'Org',
      location: 'Loc/Rack',
      model: 'R640',
      comment: 'The first',
      parameters: { own: 5 },
    }),
    {
      name: 'two.lab.example',
      interfaces: [
        { identifier: 'eth0', mac: '52:54:00:77:00:20', ip: '127.0.0.51', primary: true, provision: true },
        { identifier: 'eth1', mac: '52:54:00:77:00:21', managed: false },
        {
          identifier: 'bond0',
          type: 'bond',
          mode: '802.3ad',
          attached_devices: ['eth0', 'eth1'],
          managed: false,
        },
      ],
    },
  ],
};

let directory: string;
let foreman: Daemon;
let here: Daemon;
let from: readonly string[];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'chainboot-import-'));
  writeFileSync(join(directory, 'password'), `${PASSWORD}\n`);
  const { http: port } = await freePorts();
  const link = { interface: 'lo', address: '127.0.0.1', mode: 'off' } as const;
  foreman = new Daemon({
    link,
    ports: await freePorts(),
    site: SITE,
    config: {
      https: { port },
      tftp: { enabled: false },
      api: { admin_password_file: join(directory, 'password') },
    },
  });
  await foreman.start();
  writeFileSync(join(directory, 'ca.pem'), foreman.cli('certificate', 'ca').stdout);
  here = new Daemon({ link, ports: await freePorts(), site: {} });
  from = [
    `https://127.0.0.1:${port}`,
    '--user',
    'admin',
    '--password-file',
    join(directory, 'password'),
    '--ca',
    join(directory, 'ca.pem'),
  ];
});

afterAll(async () => {
  await foreman?.close();
  await here?.close();
  rmSync(directory, { recursive: true });
});

type Exported = Record<string, unknown>;
/** What comes through as it was declared. */
const SECTIONS = [
  'parameters',
  'settings',
  'domains',
  'subnets',
  'locations',
  'media',
  'operatingsystems',
  'templates',
  'hostgroups',
];
/** Foreman says of every host what it inherits or works out, too; what is compared is what was declared. */
const HOST_FIELDS = [
  'name',
  'mac',
  'ip',
  'hostgroup',
  'comment',
  'model',
  'organization',
  'location',
  'owner',
  'parameters',
];
const NIC_FIELDS = ['identifier', 'mac', 'ip', 'type', 'mode', 'attached_devices', 'managed'];

function picked(record: Exported, fields: readonly string[]): Exported {
  return Object.fromEntries(
    fields.flatMap((field) => (record[field] === undefined ? [] : [[field, record[field]]])),
  );
}

function hostsOf({ hosts }: Exported): readonly Exported[] {
  return (hosts as readonly Exported[]).map((host) => ({
    ...picked(host, HOST_FIELDS),
    interfaces: ((host.interfaces ?? []) as readonly Exported[]).map((nic) => picked(nic, NIC_FIELDS)),
  }));
}

const exported = (daemon: Daemon) => daemon.json<Exported>('export');

it('says what it would do, and changes nothing', () => {
  const { status, stdout, stderr } = here.cli('import', 'foreman', ...from, '--dry-run');
  expect([status, stderr]).toEqual([0, expect.any(String)]);
  expect(stdout).toContain('+ hosts one.lab.example');
  expect(here.cli('host', 'list', '--json').stdout.trim()).toBe('[]');
});

it('goes on where it stopped, with what it read before', () => {
  const { stderr } = here.cli('import', 'foreman', ...from, '--dry-run');
  expect(stderr).toMatch(/going on with \d+ answers/);
});

it('brings in everything, and has nothing to do the next time', () => {
  const report = join(directory, 'report.json');
  const { status, stderr } = here.cli('import', 'foreman', ...from, '--report', report);
  expect([status, stderr]).toEqual([0, expect.any(String)]);
  const [there, now] = [exported(foreman), exported(here)];
  for (const section of SECTIONS) expect([section, now[section]]).toEqual([section, there[section]]);
  expect(hostsOf(now)).toEqual(hostsOf(there));
  expect(readFileSync(report, 'utf8')).toContain('passwords cannot be read');
  const again = here.cli('import', 'foreman', ...from);
  expect([again.stderr, again.stdout]).toEqual([
    expect.any(String),
    expect.stringMatching(/^0 created, 0 changed/m),
  ]);
});

it('explains who is not let in, and where nobody answers', () => {
  writeFileSync(join(directory, 'wrong'), 'not the password\n');
  const wrong = from.map((arg) => (arg === join(directory, 'password') ? join(directory, 'wrong') : arg));
  const refused = here.cli('import', 'foreman', ...wrong, '--fresh');
  expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining('FOREMAN_REFUSED')]);
  const untrusted = here.cli('import', 'foreman', ...from.slice(0, -2), '--fresh');
  expect(untrusted.stderr).toContain('FOREMAN_UNREACHABLE');
});
