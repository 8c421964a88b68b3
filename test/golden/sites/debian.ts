/** Debian hosts of the golden renderings; record ids 100 to 199. */

import type { SiteIndex } from '../../../src/inventory/site.ts';
import { host, nic, os } from './common.ts';

export function addDebian(site: SiteIndex): void {
  site.put('media', { id: 100, name: 'Debian mirror', path: 'http://deb.debian.org/debian' });
  site.put(
    'operatingsystems',
    os({
      id: 100,
      name: 'Debian',
      major: '12',
      minor: '',
      family: 'Debian',
      release_name: 'bookworm',
      media: ['Debian mirror'],
    }),
  );
  site.put(
    'hosts',
    host({
      id: 101,
      name: 'debian-dhcp.example.com',
      operatingsystem: 'Debian 12',
      parameters: { chainboot_report: 'early', chainboot_poweroff: true, kernelcmd: 'console=ttyS0' },
      interfaces: [nic({ mac: '52:54:00:00:00:01', ip: '192.0.2.11', subnet: 'dynamic' })],
    }),
  );
  site.put(
    'hosts',
    host({
      id: 102,
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
}
