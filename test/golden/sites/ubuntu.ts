/** Ubuntu hosts of the golden renderings; record ids 300 to 399. */

import type { SiteIndex } from '../../../src/inventory/site.ts';
import { bonded, host, nic, os, tagged } from './common.ts';

const add = (site: SiteIndex, given: Parameters<typeof host>[0]) =>
  site.put('hosts', host({ ...given, name: `${given.name}.example.com` }));

export function addUbuntu(site: SiteIndex): void {
  site.put('media', { id: 300, name: 'Ubuntu', path: 'http://mirror.example.com/ubuntu/$version' });
  for (const [id, major, minor, release_name] of [
    [300, '22', '04', 'jammy'],
    [301, '24', '04', 'noble'],
  ] as const)
    site.put(
      'operatingsystems',
      os({ id, name: 'Ubuntu', major, minor, family: 'Debian', release_name, media: ['Ubuntu'] }),
    );
  add(site, {
    id: 301,
    name: 'ubuntu-dhcp',
    operatingsystem: 'Ubuntu 24.04',
    parameters: { package_upgrade: true, kernelcmd: 'console=ttyS0' },
    interfaces: [nic({ mac: '52:54:00:00:00:31', ip: '192.0.2.31', subnet: 'dynamic' })],
  });
  add(site, {
    id: 302,
    name: 'ubuntu-static',
    operatingsystem: 'Ubuntu 24.04',
    ptable: 'Preseed default autoinstall direct',
    parameters: {
      'install-disk': '/dev/vda',
      username_to_create: 'ops',
      realname_to_create: 'Ops: "the" team',
      password_to_create: '$6$salt$ops',
      remote_execution_ssh_keys: ['ssh-ed25519 AAAA it@example.com', 'ssh-rsa BBBB "it\'s"'],
      packages: 'vim tmux',
      lang: 'de_DE.UTF-8',
      keyboard: 'de',
      'time-zone': 'Europe/Berlin',
      'http-proxy': 'proxy.example.com',
      'http-proxy-port': 3128,
    },
    interfaces: [nic({ identifier: 'ens3', mac: '52:54:00:00:00:32', ip: '198.51.100.32', subnet: 'fixed' })],
  });
  add(site, {
    id: 303,
    name: 'ubuntu-vlan',
    operatingsystem: 'Ubuntu 22.04',
    architecture: 'aarch64',
    ptable: 'Preseed default autoinstall encrypted',
    parameters: { disk_enc_passphrase: 'four: words', 'ubuntu-iso': 'http://iso.example.com/live.iso' },
    interfaces: tagged('52:54:00:00:00:33', { ip: '203.0.113.33', subnet: 'storage' }),
  });
  add(site, {
    id: 304,
    name: 'ubuntu-ip6',
    operatingsystem: 'Ubuntu 24.04',
    parameters: { chainboot_report: 'early', 'use-slaac': true },
    interfaces: [nic({ mac: '52:54:00:00:00:34', ip6: '2001:db8:1::34', subnet6: 'dynamic6' })],
  });
  addCombined(site);
}

/** Two families on a bond, a VLAN over it, and a bridge over a third card. */
function addCombined(site: SiteIndex): void {
  const other = { primary: false, provision: false };
  add(site, {
    id: 305,
    name: 'ubuntu-bond',
    operatingsystem: 'Ubuntu 22.04',
    interfaces: [
      ...bonded('52:54:00:00:35', {
        ip: '198.51.100.35',
        subnet: 'fixed',
        ip6: '2001:db8:2::35',
        subnet6: 'fixed6',
      }),
      nic({
        ...other,
        identifier: 'bond0.100',
        attached_to: 'bond0',
        virtual: true,
        tag: '100',
        ip: '203.0.113.35',
        subnet: 'storage',
      }),
      nic({ ...other, identifier: 'ens5', mac: '52:54:00:00:35:03' }),
      nic({
        ...other,
        identifier: 'br0',
        type: 'bridge',
        virtual: true,
        attached_devices: ['ens5'],
        subnet: 'dynamic',
      }),
    ],
  });
}
