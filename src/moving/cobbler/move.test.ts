import { describe, expect, it } from 'vitest';
import { filesIn, said } from '../../../test/moving-examples.ts';
import { filesOf } from '../files.ts';
import type { Moved } from '../moved.ts';
import { moveCobbler } from './move.ts';
import { systemOf } from './systems.ts';

type Items = Readonly<Record<string, object>>;

function move(items: Items, layout = 'collections'): Moved {
  const texts = Object.entries(items).map(([path, item]) => [`${layout}/${path}.json`, JSON.stringify(item)]);
  return moveCobbler('dir', filesOf(Object.fromEntries(texts)));
}

const NIC = { mac_address: '52:54:00:00:00:01', ip_address: '10.1.0.9', netmask: '255.255.255.0' };

describe('Cobbler 3.3', () => {
  const moved = moveCobbler('cobbler', filesIn('cobbler'));

  it('has its distros as operating systems and media', () => {
    expect(moved.site.operatingsystems).toEqual([
      {
        name: 'Debian',
        major: '12',
        minor: '',
        family: 'Debian',
        release_name: 'bookworm',
        media: ['debian12-x86_64'],
        architectures: ['x86_64'],
      },
      {
        name: 'Rocky',
        major: '9',
        minor: '4',
        family: 'Redhat',
        media: ['rocky-9.4-x86_64'],
        architectures: ['x86_64'],
      },
    ]);
    expect(moved.site.media).toEqual([
      { name: 'debian12-x86_64', path: 'http://deb.debian.org/debian', os_family: 'Debian' },
      {
        name: 'rocky-9.4-x86_64',
        path: '/var/www/cobbler/distro_mirror/rocky-9.4-x86_64',
        os_family: 'Redhat',
      },
    ]);
  });

  it('has its profiles as hostgroups, which take kernel options from their distro and parent', () => {
    expect(moved.site.hostgroups).toEqual([
      {
        name: 'debian12',
        operatingsystem: 'Debian 12',
        architecture: 'x86_64',
        medium: 'debian12-x86_64',
        parameters: { suite: 'bookworm' },
      },
      {
        name: 'rocky9',
        description: 'what servers are',
        operatingsystem: 'Rocky 9.4',
        architecture: 'x86_64',
        medium: 'rocky-9.4-x86_64',
        parameters: {
          timezone: 'Europe/Berlin',
          package_set: 'minimal',
          kernelcmd: 'inst.sshd console=tty0 console=ttyS0,115200',
        },
      },
      {
        name: 'rocky9-db',
        parent: 'rocky9',
        parameters: {
          package_set: 'database',
          kernelcmd: 'console=tty0 console=ttyS0,115200 hugepages=1024',
        },
      },
    ]);
  });

  it('has its systems as hosts, bonds, VLANs and all', () => {
    expect(moved.site.hosts).toEqual([
      {
        name: 'db1.example.com',
        hostgroup: 'rocky9/rocky9-db',
        parameters: { raid: 'true' },
        interfaces: [
          {
            identifier: 'bond0',
            name: 'db1.example.com',
            type: 'bond',
            mode: 'active-backup',
            bond_options: 'miimon=100',
            attached_devices: ['eth0', 'eth1'],
            mac: '52:54:00:71:00:11',
            ip: '10.71.0.11',
            ip6: '2001:db8:71::11',
            mtu: 9000,
            domain: 'example.com',
            primary: true,
            provision: true,
          },
          { identifier: 'eth0', mac: '52:54:00:71:00:11' },
          { identifier: 'eth1', mac: '52:54:00:71:00:12' },
          {
            identifier: 'bond0.73',
            name: 'db1-backup.example.com',
            virtual: true,
            attached_to: 'bond0',
            tag: '73',
            ip: '10.73.0.11',
          },
          { identifier: 'ipmi', type: 'bmc', mac: '52:54:00:72:00:11', ip: '10.72.0.11' },
        ],
      },
      {
        name: 'web1',
        hostgroup: 'debian12',
        parameters: { kernelcmd: 'quiet' },
        interfaces: [{ mac: '52:54:00:71:00:21', ip: '10.71.0.21' }],
      },
    ]);
  });

  it('has the networks that its interfaces are in', () => {
    expect(moved.site.subnets).toMatchObject([
      {
        network: '10.71.0.0/24',
        gateway: '10.71.0.1',
        dns_primary: '10.71.0.53',
        dns_secondary: '10.71.0.54',
      },
      { network: '10.73.0.0/24', boot_mode: 'Static' },
      { network: '10.72.0.0/24' },
    ]);
  });

  it('says of templates, repositories and images that somebody has to look, and shows no secrets', () => {
    expect(said(moved, 'refused')).toEqual([]);
    expect(said(moved, 'human')).toEqual(
      expect.arrayContaining([
        'settings.yaml:6 default_password_crypted',
        'collections/profiles/rocky9.json:7 profile rocky9: autoinstall',
        'collections/systems/web1.json:10 system web1: autoinstall',
        'collections/repos/epel9.json:1 repo epel9',
        'collections/images/memtest.json:1 image memtest',
        'collections/systems/db1.json:16 system db1: power',
      ]),
    );
    expect(JSON.stringify(moved)).not.toMatch(/hunter2|mF86/);
  });
});

describe('Cobbler 2', () => {
  it('has its own layout and its own names of fields', () => {
    const moved = move(
      {
        'distros.d/c7': {
          name: 'centos7-x86_64',
          breed: 'redhat',
          os_version: 'rhel7',
          ks_meta: 'tree=http://m.example.com/7',
        },
        'profiles.d/p': {
          name: 'p',
          distro: 'centos7-x86_64',
          kickstart: '/var/lib/cobbler/kickstarts/x.ks',
          ks_meta: 'a=1 b="x y" c',
        },
        'systems.d/s': {
          name: 's',
          profile: 'p',
          kernel_options: 'quiet console=ttyS0',
          interfaces: { eth0: NIC },
        },
      },
      'config',
    );
    expect(moved.site.operatingsystems).toMatchObject([
      { name: 'CentOS', major: '7', media: ['centos7-x86_64'] },
    ]);
    expect(moved.site.hostgroups).toMatchObject([{ name: 'p', parameters: { a: '1', b: 'x y', c: '' } }]);
    expect(moved.site.hosts).toMatchObject([
      { name: 's', hostgroup: 'p', parameters: { kernelcmd: 'quiet console=ttyS0' } },
    ]);
    expect(said(moved, 'human')).toContain('config/profiles.d/p.json:1 profile p: kickstart');
  });
});

describe('faults', () => {
  it.each([
    ['a name that is none', { 'systems/a': { name: 'a_b', interfaces: {} } }],
    ['no MAC address', { 'systems/a': { name: 'a', interfaces: { eth0: { mac_address: 'random' } } } }],
    [
      'an address twice',
      {
        'systems/a': { name: 'a', interfaces: { eth0: NIC } },
        'systems/b': { name: 'b', interfaces: { eth0: { ip_address: NIC.ip_address } } },
      },
    ],
    [
      'a name twice',
      { 'systems/a': { name: 'x', hostname: 'a' }, 'systems/b': { name: 'y', hostname: 'A' } },
    ],
    ['profiles in a circle', { 'profiles/a': { name: 'a', parent: 'a' } }],
  ] satisfies [string, Items][])('%s', (_what, items) =>
    expect(said(move(items), 'refused')).toHaveLength(1),
  );

  it('a directory that is not Cobbler’s', () => {
    expect(() => moveCobbler('dir', filesOf({ 'a/b.json': '{}' }))).toThrow(
      expect.objectContaining({ code: 'IMPORT_UNREADABLE' }),
    );
  });

  it('a profile that is not there', () => {
    expect(said(move({ 'systems/a': { name: 'a', profile: 'gone' } }), 'human')).toEqual([
      'collections/systems/a.json:1 system a',
    ]);
  });
});

describe('systems', () => {
  it.each([
    ['redhat', 'rhel9', 'rocky-9.4-x86_64', 'Rocky 9 4'],
    ['redhat', 'rhel9', 'something', 'RedHat 9 '],
    ['redhat', 'rocky9', 'something', 'Rocky 9 '],
    ['redhat', 'rhel8', 'centos7', 'RedHat 8 '],
    ['redhat', 'fedora40', 'f', 'Fedora 40 '],
    ['ubuntu', 'jammy', 'u', 'Ubuntu 22 04'],
    ['debian', 'bookworm', 'd', 'Debian 12 '],
    ['suse', 'sles15sp5', 's', 'SLES 15 5'],
    ['suse', 'opensuse15.6', 's', 'openSUSE 15 6'],
    ['freebsd', '13.2', 'f', 'FreeBSD 13 2'],
    ['vmware', 'esxi70', 'e', undefined],
    ['generic', 'generic26', 'g', undefined],
  ])('%s %s called %s', (breed, version, distro, expected) => {
    const found = systemOf(breed, version, distro);
    expect(found && `${found.name} ${found.major} ${found.minor}`).toBe(expected);
  });
});
