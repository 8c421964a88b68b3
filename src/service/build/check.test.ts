import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { host, NOW, nic, site } from '../../../test/fixtures.ts';
import { goldenSite } from '../../../test/golden/site.ts';
import { nameOf, type SiteIndex } from '../../inventory/site.ts';
import type { Collection, Host, Records } from '../../inventory/types.ts';
import { makeStandInMedium } from '../../lab/medium.ts';
import { reach } from '../../media/reach.ts';
import { parseIpv4 } from '../../net/ip.ts';
import { loadLibrary } from '../../template/library.ts';
import { render } from '../../template/render.ts';
import { buildChecker, checkHosts } from './check.ts';
import type { BuildCheckDeps } from './deps.ts';

const LIBRARY = loadLibrary(new URL('../../../templates/', import.meta.url));
const CARD = { identifier: 'eth0', mac: '52:54:00:77:00:10', primary: true, provision: true };
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'chainboot-medium-'));
  makeStandInMedium(directory);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function withLibrary(index: SiteIndex): SiteIndex {
  for (const collection of ['provisioning_templates', 'ptables'] as const)
    for (const record of LIBRARY[collection] ?? []) index.put(collection, record as never);
  return index;
}

/** The shared site with a medium in a directory; nothing is missing there. */
function whole(): SiteIndex {
  const index = withLibrary(site([]));
  change(index, 'media', 'Debian mirror', { path: directory });
  return index;
}

function change<C extends Collection>(
  index: SiteIndex,
  collection: C,
  name: string,
  fields: Partial<Records[C]>,
): void {
  const record = index.list(collection).find((each) => nameOf(collection, each) === name)!;
  index.put(collection, { ...record, ...fields });
}

function without(...collections: readonly Collection[]): (index: SiteIndex) => void {
  return (index) => {
    for (const collection of collections)
      for (const { id } of index.list(collection)) index.remove(collection, id);
  };
}

function depsOf(index: SiteIndex, fields: Partial<BuildCheckDeps> = {}): BuildCheckDeps {
  const library = new Map(index.list('provisioning_templates').map((each) => [each.name, each.template]));
  return {
    pool: { render: async (request) => render(request, library) },
    base: () => 'http://10.77.0.1',
    root: () => undefined,
    hasLoader: () => true,
    links: () => [{ address: parseIpv4('10.77.0.1')!, mode: 'server' }],
    reach: async () => ({ kind: 'there' }),
    now: () => NOW,
    ...fields,
  };
}

const machine = (fields: Partial<Host> = {}): Host => host({ root_pass: '$6$salt$hash', ...fields });

type Codes = { readonly errors: readonly string[]; readonly warnings: readonly string[] };

async function found(
  fields: Partial<Host>,
  alter: (index: SiteIndex) => void = () => undefined,
  deps: Partial<BuildCheckDeps> = {},
): Promise<Codes> {
  const index = whole();
  alter(index);
  const { errors, warnings } = await buildChecker(depsOf(index, deps))(index, machine(fields));
  const told = (lacks: typeof errors) => lacks.map(({ code, field }) => `${code} ${field}`.trim());
  return { errors: told(errors), warnings: told(warnings) };
}

describe('a host that is to be built', () => {
  it('lacks nothing when everything is there', async () => {
    expect(await found({})).toEqual({ errors: [], warnings: [] });
  });

  it('lacks everything at once', async () => {
    const bare = { operatingsystem: undefined, interfaces: [], root_pass: undefined } as never;
    expect((await found(bare)).errors).toEqual(['no-mac interfaces', 'no-operatingsystem operatingsystem']);
    const poor = {
      root_pass: 'short',
      medium: 'Nowhere',
      architecture: 'aarch64',
      pxe_loader: 'Grub2 UEFI',
      interfaces: [nic({ ...CARD, mac: undefined } as never)],
    } as const;
    const alter = (index: SiteIndex) => {
      without('provisioning_templates', 'ptables')(index);
      change(index, 'subnets', 'lab', { from: undefined, to: undefined } as never);
    };
    const { errors } = await found(poor, alter, { hasLoader: () => false });
    expect(errors.toSorted()).toEqual([
      'loader-missing pxe_loader',
      'no-address interfaces.0.ip',
      'no-answers operatingsystem',
      'no-mac interfaces.0.mac',
      'no-medium medium',
      'no-template operatingsystem',
      'password-short root_pass',
    ]);
  });

  it.each<[string, Partial<Host>, ((index: SiteIndex) => void) | undefined, Partial<Codes>]>([
    [
      'a medium of another system',
      { medium: 'Other' },
      (index) => index.put('media', { id: 9, name: 'Other', path: '/srv' }),
      { errors: ['medium-foreign medium'] },
    ],
    [
      'a directory without the installer',
      {},
      (index) => change(index, 'media', 'Debian mirror', { path: '/nonexistent' }),
      { errors: ['file-missing medium', 'file-missing medium'] },
    ],
    ['no disk layout', {}, without('ptables'), { errors: ['no-disk-layout ptable'] }],
    [
      'a partition table of another system',
      { ptable: 'Kickstart default' },
      undefined,
      { warnings: ['ptable-foreign ptable'] },
    ],
    ['a disk layout of its own', { disk: 'd-i partman' }, without('ptables'), {}],
    [
      'an architecture that the system is not declared for',
      { architecture: 'aarch64' },
      (index) => change(index, 'media', 'Debian mirror', { path: 'http://10.77.0.1/debian' }),
      { warnings: ['architecture-foreign architecture'] },
    ],
    ['no password', { root_pass: '' }, undefined, { warnings: ['no-password root_pass'] }],
    [
      'a password that is no hash',
      { root_pass: 'correct horse' },
      undefined,
      { warnings: ['password-plain root_pass'] },
    ],
    ['no loader', { pxe_loader: 'None' }, undefined, { warnings: ['no-loader pxe_loader'] }],
    [
      'a bond, known by its cards',
      {
        interfaces: [
          nic({
            type: 'bond',
            identifier: 'bond0',
            attached_devices: ['eth0'],
            primary: true,
            provision: true,
          }),
          nic({ identifier: 'eth0', mac: CARD.mac }),
        ],
      },
      undefined,
      {},
    ],
    [
      'an address that nobody gives',
      { interfaces: [nic({ ...CARD, subnet: 'fixed' })] },
      (index) =>
        index.put('subnets', {
          id: 8,
          name: 'fixed',
          network: '10.78.0.0/24',
          boot_mode: 'Static',
          lease_time: 60,
          parameters: {},
        }),
      { errors: ['no-address interfaces.0.ip'] },
    ],
    [
      'a pool on no served link',
      { interfaces: [nic(CARD)] },
      (index) =>
        change(index, 'subnets', 'lab', {
          network: '10.79.0.0/24',
          from: '10.79.0.5',
          to: '10.79.0.9',
          gateway: '10.79.0.1',
        }),
      { warnings: ['no-address interfaces.0.ip'] },
    ],
  ])('is told of %s', async (_what, fields, alter, expected) => {
    expect(await found(fields, alter)).toEqual({ errors: [], warnings: [], ...expected });
  });

  it('beside another DHCP server needs no address of ours', async () => {
    const links = () => [{ address: parseIpv4('10.77.0.1')!, mode: 'proxy' as const }];
    const bare = await found({ interfaces: [nic(CARD)] }, without('subnets'), { links });
    expect(bare.errors).toEqual([]);
  });

  it('is told of templates that do not render, with the place', async () => {
    const index = whole();
    for (const each of index.list('provisioning_templates'))
      if (each.name === 'Preseed default')
        index.put('provisioning_templates', { ...each, template: 'a\n<%= nope %>' });
    const { errors } = await buildChecker(depsOf(index))(index, machine());
    expect(errors).toMatchObject([{ code: 'template-fails' }]);
    expect(errors[0]!.message).toContain("Preseed default:2:5: undefined local variable or macro 'nope'");
  });

  it('is no reason to refuse where a smart proxy serves TFTP, whose loaders are not seen from here', async () => {
    const behind = (index: SiteIndex) => change(index, 'subnets', 'lab', { tftp_proxy: 'edge' });
    const loader = { pxe_loader: 'PXELinux BIOS' } as const;
    const none = { hasLoader: () => false };
    expect((await found(machine(loader), undefined, none)).errors).toEqual(['loader-missing pxe_loader']);
    const there = await found(machine(loader), behind, none);
    expect(there.errors).toEqual([]);
    expect(there.warnings).toContain('loader-missing pxe_loader');
  });

  it.each([
    ['PXELinux BIOS', 'pxelinux.0', 'ldlinux.c32'],
    ['PXELinux UEFI', 'pxelinux.efi', 'ldlinux.e64'],
    ['Grub2 UEFI SecureBoot', 'grub2/shimx64.efi', 'grub2/grubx64.efi'],
  ] as const)('with %s needs what lies beside it', async (pxe_loader, file, beside) => {
    const index = whole();
    change(index, 'operatingsystems', 'Debian 12', { provisioning_templates: [] });
    const check = buildChecker(depsOf(index, { hasLoader: (name) => name === file }));
    const { errors, warnings } = await check(index, machine({ pxe_loader }));
    expect(errors).toEqual([]);
    expect(warnings).toMatchObject([{ code: 'loader-missing', message: expect.stringContaining(beside) }]);
  });

  it('with PXELINUX that goes on with iPXE needs the templates of both', async () => {
    const alter = (index: SiteIndex) => {
      for (const { id, kind } of index.list('provisioning_templates'))
        if (kind === 'iPXE') index.remove('provisioning_templates', id);
      change(index, 'operatingsystems', 'Debian 12', {
        provisioning_templates: ['PXELinux chain iPXE', 'Preseed default'],
      });
    };
    expect((await found({ pxe_loader: 'PXELinux BIOS' }, alter)).errors).toEqual([
      'no-template operatingsystem',
    ]);
  });

  it('is told of what the web server says of the medium', async () => {
    const server = createServer((request, response) => {
      response.statusCode = request.url!.endsWith('linux') ? 404 : request.method === 'HEAD' ? 405 : 206;
      response.end('x');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { port: number };
    const at = (place: string) => (index: SiteIndex) =>
      change(index, 'media', 'Debian mirror', { path: place });
    expect(await found({}, at(`http://127.0.0.1:${port}/debian`), { reach })).toEqual({
      errors: ['file-missing medium'],
      warnings: [],
    });
    await new Promise((done) => server.close(done));
    expect(await found({}, at(`http://127.0.0.1:${port}/debian`), { reach })).toEqual({
      errors: [],
      warnings: ['medium-unreachable medium', 'medium-unreachable medium'],
    });
  });

  it('of many, asks the web server once', async () => {
    const index = whole();
    change(index, 'media', 'Debian mirror', { path: 'http://192.0.2.1/debian' });
    const asked: string[] = [];
    const check = buildChecker(
      depsOf(index, {
        reach: async (url) => {
          asked.push(url);
          return { kind: 'there' };
        },
      }),
    );
    const hosts = Array.from({ length: 20 }, (_, i) => machine({ id: i + 1, name: `h${i}.lab` }));
    const checked = await checkHosts(check, index, hosts);
    expect(checked.map(({ host }) => host.name)).toEqual(hosts.map(({ name }) => name));
    expect(checked.every(({ found }) => found.errors.length === 0)).toBe(true);
    expect(asked).toHaveLength(2);
  });

  it('a server that never answers holds nobody up', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { port: number };
    expect(await reach(`http://127.0.0.1:${port}/`, 100)).toEqual({
      kind: 'unreachable',
      reason: 'no answer in 0.1 s',
    });
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
});

describe('hosts of every family with the shipped templates', () => {
  const index = withLibrary(goldenSite());
  // Nobody has their directories.
  for (const medium of index.list('media')) index.put('media', { ...medium, path: 'http://192.0.2.1/media' });
  it.each(index.list('hosts').map(({ name }) => name))('%s lacks nothing', async (name) => {
    const { errors } = await buildChecker(depsOf(index))(index, index.get('hosts', name)!);
    expect(errors).toEqual([]);
  });
});
