/** Red Hat family hosts of the golden renderings; record ids 200 to 299. */

import type { SiteIndex } from '../../../src/inventory/site.ts';
import { host, nic, os } from './common.ts';

export function addRedhat(site: SiteIndex): void {
  site.put('media', { id: 200, name: 'Rocky', path: '/srv/rocky' });
  site.put(
    'operatingsystems',
    os({ id: 200, name: 'Rocky', major: '9', minor: '4', family: 'Redhat', media: ['Rocky'] }),
  );
  site.put('ptables', {
    id: 200,
    name: 'plain',
    layout: 'zerombr\nclearpart --all --initlabel\nautopart --type=plain\n',
  });
  site.put(
    'hosts',
    host({
      id: 201,
      name: 'rocky-dhcp.example.com',
      operatingsystem: 'Rocky 9.4',
      parameters: { blacklist: 'nouveau, floppy' },
      interfaces: [nic({ mac: '52:54:00:00:00:03', ip: '192.0.2.13', subnet: 'dynamic' })],
    }),
  );
  site.put(
    'hosts',
    host({
      id: 202,
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
}
