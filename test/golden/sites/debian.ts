/** Debian hosts of the golden renderings; record ids 100 to 199. */

import type { SiteIndex } from '../../../src/inventory/site.ts';
import type { Host } from '../../../src/inventory/types.ts';
import { bonded, host, nic, os, tagged } from './common.ts';

const RELEASES: Readonly<Record<string, string>> = { 11: 'bullseye', 12: 'bookworm', 13: 'trixie' };

const add = (site: SiteIndex, given: Parameters<typeof host>[0]) =>
  site.put('hosts', host({ ...given, name: `${given.name}.example.com` } satisfies Partial<Host> as Host));

export function addDebian(site: SiteIndex): void {
  site.put('media', { id: 100, name: 'Debian mirror', path: 'http://deb.debian.org/debian' });
  for (const [major, release_name] of Object.entries(RELEASES)) {
    const media = ['Debian mirror'];
    const architectures = ['x86_64', 'aarch64'];
    const id = 88 + Number(major);
    site.put(
      'operatingsystems',
      os({ id, name: 'Debian', major, minor: '', family: 'Debian', release_name, media, architectures }),
    );
  }
  addPlain(site);
  addCombined(site);
}

/** One card each. */
function addPlain(site: SiteIndex): void {
  add(site, {
    id: 101,
    name: 'debian-dhcp',
    operatingsystem: 'Debian 12',
    parameters: { chainboot_report: 'early', chainboot_poweroff: true, kernelcmd: 'console=ttyS0' },
    interfaces: [nic({ mac: '52:54:00:00:00:01', ip: '192.0.2.11', subnet: 'dynamic' })],
  });
  add(site, {
    id: 102,
    name: 'debian-static',
    operatingsystem: 'Debian 12',
    parameters: {
      packages: ['vim', 'tmux'],
      'install-disk': '/dev/vda',
      'partitioning-expert-recipe': 'mine ::\n  512 512 512 fat32 .\n  2048 4096 -1 ext4 $primary{ } .\n',
      remote_execution_ssh_keys: ['ssh-ed25519 AAAA it@example.com', 'ssh-rsa BBBB "it\'s"'],
      remote_execution_ssh_user: 'deploy',
      remote_execution_create_user: true,
      remote_execution_effective_user_method: 'sudo',
      lang: 'de_DE.UTF-8',
      keyboard: 'de',
    },
    interfaces: [nic({ mac: '52:54:00:00:00:02', ip: '198.51.100.12', subnet: 'fixed' })],
  });
  add(site, {
    id: 103,
    name: 'debian13-ip6',
    operatingsystem: 'Debian 13',
    architecture: 'aarch64',
    pxe_loader: 'Grub2 UEFI',
    ptable: 'Preseed default LVM',
    parameters: { username_to_create: 'ops', password_to_create: '$6$salt$hash', blacklist: ['floppy'] },
    interfaces: [
      nic({ identifier: 'enp1s0', mac: '52:54:00:00:00:21', ip6: '2001:db8:2::21', subnet6: 'fixed6' }),
    ],
  });
}

/** More than one interface. */
function addCombined(site: SiteIndex): void {
  add(site, {
    id: 104,
    name: 'debian11-vlan',
    operatingsystem: 'Debian 11',
    parameters: { 'http-proxy': 'proxy.example.com', 'http-proxy-port': 3128 },
    interfaces: tagged('52:54:00:00:00:22', { ip: '203.0.113.22', subnet: 'storage' }),
  });
  add(site, {
    id: 105,
    name: 'debian-bond',
    operatingsystem: 'Debian 12',
    disk: 'd-i partman-auto/method string lvm\nd-i partman-auto/choose_recipe select multi\n',
    // Two families on the bond, a VLAN over it, and a bridge over a third card.
    interfaces: [
      ...bonded('52:54:00:00:23', {
        ip: '198.51.100.23',
        subnet: 'fixed',
        ip6: '2001:db8:1::23',
        subnet6: 'dynamic6',
      }),
      nic({
        identifier: 'bond0.100',
        attached_to: 'bond0',
        virtual: true,
        tag: '100',
        primary: false,
        provision: false,
        ip: '203.0.113.23',
        subnet: 'storage',
      }),
      nic({ identifier: 'ens5', mac: '52:54:00:00:23:03', primary: false, provision: false }),
      nic({
        identifier: 'br0',
        type: 'bridge',
        virtual: true,
        attached_devices: ['ens5'],
        primary: false,
        provision: false,
        subnet: 'dynamic',
      }),
    ],
  });
}
