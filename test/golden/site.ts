/** The hosts that the golden renderings are made for: DHCP and static, Debian and Rocky. */

import { SiteIndex } from '../../src/inventory/site.ts';
import type { Host, Interface, OperatingSystem, Subnet } from '../../src/inventory/types.ts';

const token = { value: '5f0c2b8e-7d3a-4e6f-9b1c-2a3d4e5f6071' };

const nic = (given: Partial<Interface>): Interface => ({
  type: 'interface',
  primary: true,
  provision: true,
  managed: true,
  virtual: false,
  ...given,
});

const host = (given: Partial<Host> & Pick<Host, 'id' | 'name' | 'operatingsystem'>): Host => ({
  enabled: true,
  architecture: 'x86_64',
  build: true,
  token,
  root_pass: '$6$saltsalt$hash',
  parameters: {},
  interfaces: [],
  ...given,
});

const os = (
  given: Pick<OperatingSystem, 'id' | 'name' | 'major' | 'minor' | 'family' | 'media'> &
    Partial<OperatingSystem>,
): OperatingSystem => ({
  architectures: ['x86_64'],
  ptables: [],
  provisioning_templates: [],
  parameters: {},
  ...given,
});

const subnet = (given: Pick<Subnet, 'id' | 'name' | 'network' | 'boot_mode'>): Subnet => ({
  gateway: `${given.network.replace(/0\/24$/, '1')}`,
  dns_primary: '192.0.2.53',
  dns_secondary: '192.0.2.54',
  lease_time: 3600,
  domain: 'example.com',
  parameters: {},
  ...given,
});

export function goldenSite(): SiteIndex {
  const site = new SiteIndex();
  site.put('domains', { id: 1, name: 'example.com', parameters: { ntp_server: 'ntp.example.com' } });
  site.put('subnets', subnet({ id: 1, name: 'dynamic', network: '192.0.2.0/24', boot_mode: 'DHCP' }));
  site.put('subnets', subnet({ id: 2, name: 'fixed', network: '198.51.100.0/24', boot_mode: 'Static' }));
  site.put('media', { id: 1, name: 'Debian mirror', path: 'http://deb.debian.org/debian' });
  site.put('media', { id: 2, name: 'Rocky', path: '/srv/rocky' });
  site.put(
    'operatingsystems',
    os({
      id: 1,
      name: 'Debian',
      major: '12',
      minor: '',
      family: 'Debian',
      release_name: 'bookworm',
      media: ['Debian mirror'],
    }),
  );
  site.put(
    'operatingsystems',
    os({ id: 2, name: 'Rocky', major: '9', minor: '4', family: 'Redhat', media: ['Rocky'] }),
  );
  site.put('ptables', {
    id: 1,
    name: 'plain',
    layout: 'zerombr\nclearpart --all --initlabel\nautopart --type=plain\n',
  });
  site.put(
    'hosts',
    host({
      id: 1,
      name: 'debian-dhcp.example.com',
      operatingsystem: 'Debian 12',
      parameters: { chainboot_report: 'early', chainboot_poweroff: true, kernelcmd: 'console=ttyS0' },
      interfaces: [nic({ mac: '52:54:00:00:00:01', ip: '192.0.2.11', subnet: 'dynamic' })],
    }),
  );
  site.put(
    'hosts',
    host({
      id: 2,
      name: 'debian-static.example.com',
      operatingsystem: 'Debian 12',
      parameters: {
        packages: ['vim', 'tmux'],
        install_disk: '/dev/vda',
        root_ssh_key: 'ssh-ed25519 AAAA it@example.com',
        lang: 'de_DE.UTF-8',
      },
      interfaces: [nic({ mac: '52:54:00:00:00:02', ip: '198.51.100.12', subnet: 'fixed' })],
    }),
  );
  site.put(
    'hosts',
    host({
      id: 3,
      name: 'rocky-dhcp.example.com',
      operatingsystem: 'Rocky 9.4',
      parameters: { blacklist: 'nouveau, floppy' },
      interfaces: [nic({ mac: '52:54:00:00:00:03', ip: '192.0.2.13', subnet: 'dynamic' })],
    }),
  );
  site.put(
    'hosts',
    host({
      id: 4,
      name: 'rocky-static.example.com',
      operatingsystem: 'Rocky 9.4',
      ptable: 'plain',
      parameters: {
        packages: 'vim tmux',
        timezone: 'Europe/Berlin',
        root_ssh_key: 'ssh-ed25519 AAAA it@example.com',
      },
      interfaces: [
        nic({ identifier: 'ens3', mac: '52:54:00:00:00:04', ip: '198.51.100.14', subnet: 'fixed' }),
      ],
    }),
  );
  return site;
}
