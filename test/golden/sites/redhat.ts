/** Red Hat family hosts of the golden renderings; record ids 200 to 299. */

import type { SiteIndex } from '../../../src/inventory/site.ts';
import type { Host } from '../../../src/inventory/types.ts';
import { bonded, host, nic, os, tagged } from './common.ts';

const SYSTEMS: readonly (readonly [name: string, major: string, minor: string])[] = [
  ['Rocky', '9', '4'],
  ['CentOS', '7', '9'],
  ['Rocky', '8', '10'],
  ['AlmaLinux', '10', '0'],
  ['CentOS_Stream', '10', ''],
  ['Fedora', '42', ''],
];

const add = (site: SiteIndex, given: Parameters<typeof host>[0]) =>
  site.put('hosts', host({ ...given, name: `${given.name}.example.com` } satisfies Partial<Host> as Host));

export function addRedhat(site: SiteIndex): void {
  site.put('media', { id: 200, name: 'Rocky', path: '/srv/rocky' });
  site.put('media', {
    id: 201,
    name: 'Mirror',
    path: 'http://mirror.example.com/$version/BaseOS/$arch/os',
  });
  site.put('realms', { id: 200, name: 'EXAMPLE.COM', realm_type: 'FreeIPA' });
  site.put('users', {
    id: 200,
    login: 'ada',
    ssh_keys: ['ssh-ed25519 AAAA ada@example.com'],
  });
  SYSTEMS.forEach(([name, major, minor], i) => {
    const media = [name === 'Rocky' && major === '9' ? 'Rocky' : 'Mirror'];
    const architectures = ['x86_64', 'aarch64'];
    site.put(
      'operatingsystems',
      os({ id: 200 + i, name, major, minor, family: 'Redhat', media, architectures }),
    );
  });
  site.put('ptables', {
    id: 200,
    name: 'plain',
    layout: 'zerombr\nclearpart --all --initlabel\nautopart --type=plain\n',
  });
  addPlain(site);
  addCombined(site);
}

/** One card each. */
function addPlain(site: SiteIndex): void {
  add(site, {
    id: 201,
    name: 'rocky-dhcp',
    operatingsystem: 'Rocky 9.4',
    parameters: { blacklist: 'nouveau, floppy', efi_bootentry: 'previous' },
    interfaces: [nic({ mac: '52:54:00:00:00:03', ip: '192.0.2.13', subnet: 'dynamic' })],
  });
  add(site, {
    id: 202,
    name: 'rocky-static',
    operatingsystem: 'Rocky 9.4',
    ptable: 'plain',
    parameters: {
      packages: 'vim tmux',
      'time-zone': 'Europe/Berlin',
      'enable-epel': true,
      remote_execution_ssh_keys: 'ssh-ed25519 AAAA it@example.com',
    },
    interfaces: [nic({ identifier: 'ens3', mac: '52:54:00:00:00:04', ip: '198.51.100.14', subnet: 'fixed' })],
  });
  add(site, {
    id: 203,
    name: 'centos7-static',
    operatingsystem: 'CentOS 7.9',
    ptable: 'Kickstart dynamic',
    parameters: {
      'http-proxy': 'proxy.example.com',
      'http-proxy-port': 3128,
      'use-ntp': true,
      'disable-firewall': true,
      kernelcmd: 'console=tty0 console=ttyS0,115200',
    },
    // Without a name: the card is given one by its address.
    interfaces: [nic({ mac: '52:54:00:00:00:05', ip: '198.51.100.15', subnet: 'fixed' })],
  });
  add(site, {
    id: 204,
    name: 'stream10-slaac',
    operatingsystem: 'CentOS_Stream 10',
    parameters: { 'use-slaac': true },
    interfaces: [nic({ mac: '52:54:00:00:00:06', ip6: '2001:db8:1::16', subnet6: 'dynamic6' })],
  });
  add(site, {
    id: 205,
    name: 'fedora-ip6',
    operatingsystem: 'Fedora 42',
    architecture: 'aarch64',
    pxe_loader: 'Grub2 UEFI',
    ptable: 'Kickstart default thin',
    interfaces: [
      nic({ identifier: 'enp1s0', mac: '52:54:00:00:00:07', ip6: '2001:db8:2::17', subnet6: 'fixed6' }),
    ],
  });
}

/** More than one interface. */
function addCombined(site: SiteIndex): void {
  add(site, {
    id: 206,
    name: 'rocky8-vlan',
    operatingsystem: 'Rocky 8.10',
    ptable: 'Kickstart custom',
    parameters: { fips_enabled: true, part_device: 'vda', part_home_percent: 30 },
    interfaces: tagged('52:54:00:00:00:08', { ip: '203.0.113.18', subnet: 'storage' }),
  });
  add(site, {
    id: 207,
    name: 'alma10-bond',
    operatingsystem: 'AlmaLinux 10.0',
    owner: 'ada',
    owner_type: 'User',
    realm: 'EXAMPLE.COM',
    otp: "one-time 'secret'",
    ptable: 'Kickstart default encrypted',
    parameters: { disk_enc_passphrase: 'correct horse', 'bootloader-append': 'console=ttyS0' },
    // Two families on the bond, and a VLAN over it.
    interfaces: [
      ...bonded('52:54:00:00:09', {
        ip: '192.0.2.19',
        subnet: 'dynamic',
        ip6: '2001:db8:2::19',
        subnet6: 'fixed6',
      }),
      nic({
        identifier: 'bond0.100',
        attached_to: 'bond0',
        virtual: true,
        tag: '100',
        primary: false,
        provision: false,
        ip: '203.0.113.19',
        subnet: 'storage',
      }),
    ],
  });
}
