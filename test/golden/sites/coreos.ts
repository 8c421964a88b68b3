/** Flatcar and Fedora CoreOS hosts of the golden renderings; record ids 400 to 499. */

import type { SiteIndex } from '../../../src/inventory/site.ts';
import { bonded, host, nic, os, tagged } from './common.ts';

const add = (site: SiteIndex, given: Parameters<typeof host>[0]) =>
  site.put('hosts', host({ ...given, name: `${given.name}.example.com` }));

function addSystems(site: SiteIndex): void {
  site.put('media', { id: 400, name: 'Flatcar', path: 'http://stable.release.flatcar-linux.net' });
  site.put('media', { id: 401, name: 'Fedora CoreOS', path: 'https://builds.coreos.fedoraproject.org' });
  site.put(
    'operatingsystems',
    os({ id: 400, name: 'Flatcar', major: '4230', minor: '2.2', family: 'Coreos', media: ['Flatcar'] }),
  );
  site.put(
    'operatingsystems',
    os({
      id: 401,
      name: 'FCOS',
      major: '42',
      minor: '20250803.3.0',
      release_name: 'stable',
      family: 'Fcos',
      media: ['Fedora CoreOS'],
    }),
  );
  site.put('media', { id: 402, name: 'RHCOS', path: 'https://mirror.openshift.com' });
  site.put(
    'operatingsystems',
    os({
      id: 402,
      name: 'RHCOS',
      major: '4',
      minor: '18',
      release_name: '1',
      family: 'Rhcos',
      media: ['RHCOS'],
    }),
  );
}

export function addCoreos(site: SiteIndex): void {
  addSystems(site);
  add(site, {
    id: 401,
    name: 'flatcar-dhcp',
    operatingsystem: 'Flatcar 4230.2.2',
    parameters: { ssh_authorized_keys: 'ssh-ed25519 AAAA it@example.com' },
    interfaces: [nic({ mac: '52:54:00:00:00:41', ip: '192.0.2.41', subnet: 'dynamic' })],
  });
  add(site, {
    id: 402,
    name: 'flatcar-bond',
    operatingsystem: 'Flatcar 4230.2.2',
    architecture: 'aarch64',
    parameters: {
      'install-disk': '/dev/nvme0n1',
      username_to_create: 'ops',
      realname_to_create: 'Ops "the" team',
      password_to_create: '$6$salt$ops',
      remote_execution_ssh_keys: ['ssh-ed25519 AAAA it@example.com', 'ssh-rsa BBBB "it\'s"'],
    },
    interfaces: [
      ...bonded('52:54:00:00:42', {
        ip: '198.51.100.42',
        subnet: 'fixed',
        ip6: '2001:db8:2::42',
        subnet6: 'fixed6',
      }),
      nic({
        identifier: 'bond0.100',
        attached_to: 'bond0',
        virtual: true,
        tag: '100',
        primary: false,
        provision: false,
        ip: '203.0.113.42',
        subnet: 'storage',
      }),
    ],
  });
  add(site, {
    id: 403,
    name: 'flatcar-live',
    operatingsystem: 'Flatcar 4230.2.2',
    parameters: { chainboot_live: true, coreos_ignition: 'https://config.example.com/base.ign' },
    interfaces: [nic({ mac: '52:54:00:00:00:43', ip: '198.51.100.43', subnet: 'fixed' })],
  });
  add(site, {
    id: 404,
    name: 'fcos-vlan',
    operatingsystem: 'FCOS 42.20250803.3.0',
    interfaces: tagged('52:54:00:00:00:44', { ip: '203.0.113.44', subnet: 'storage' }),
  });
  add(site, {
    id: 405,
    name: 'fcos-ip6',
    operatingsystem: 'FCOS 42.20250803.3.0',
    parameters: { 'install-disk': '/dev/vda' },
    interfaces: [nic({ mac: '52:54:00:00:00:45', ip6: '2001:db8:1::45', subnet6: 'dynamic6' })],
  });
  add(site, {
    id: 406,
    name: 'fcos-bond',
    operatingsystem: 'FCOS 42.20250803.3.0',
    interfaces: bonded('52:54:00:00:46', {
      ip: '198.51.100.46',
      subnet: 'fixed',
      ip6: '2001:db8:1::46',
      subnet6: 'dynamic6',
    }),
  });
  add(site, {
    id: 407,
    name: 'rhcos-dhcp',
    operatingsystem: 'RHCOS 4.18',
    parameters: { ssh_authorized_keys: ['ssh-ed25519 AAAA it@example.com'] },
    interfaces: [nic({ mac: '52:54:00:00:00:47', ip: '192.0.2.47', subnet: 'dynamic' })],
  });
}
