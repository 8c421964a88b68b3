/** Suse hosts of the golden renderings; record ids 600 to 699. */

import type { SiteIndex } from '../../../src/inventory/site.ts';
import { bonded, host, nic, os, tagged } from './common.ts';

export function addSuse(site: SiteIndex): void {
  site.put('media', {
    id: 600,
    name: 'openSUSE mirror',
    path: 'http://download.opensuse.org/distribution/leap/$version/repo/oss',
  });
  site.put('media', { id: 601, name: 'SLES', path: 'http://sles.example.com/$major.$minor/$arch/DVD1' });
  const family = 'Suse' as const;
  const leap = { name: 'openSUSE', family, media: ['openSUSE mirror'] };
  const sles = { name: 'SLES', family, media: ['SLES'], architectures: ['x86_64', 'aarch64'] };
  site.put('operatingsystems', os({ ...leap, id: 600, major: '15', minor: '6' }));
  site.put('operatingsystems', os({ ...sles, id: 601, major: '15', minor: '6' }));
  site.put('operatingsystems', os({ ...sles, id: 602, major: '12', minor: '5' }));
  addPlain(site);
  addCombined(site);
}

/** One card each. */
function addPlain(site: SiteIndex): void {
  site.put(
    'hosts',
    host({
      id: 601,
      name: 'leap-dhcp.example.com',
      operatingsystem: 'openSUSE 15.6',
      parameters: { kernelcmd: 'console=ttyS0', blacklist: ['floppy'] },
      interfaces: [nic({ mac: '52:54:00:00:60:01', ip: '192.0.2.61', subnet: 'dynamic' })],
    }),
  );
  site.put(
    'hosts',
    host({
      id: 602,
      name: 'leap-static.example.com',
      operatingsystem: 'openSUSE 15.6',
      ptable: 'AutoYaST entire virtual disk',
      parameters: {
        packages: ['vim', 'tmux'],
        lang: 'de_DE.UTF-8',
        keyboard: 'german',
        'time-zone': 'Europe/Berlin',
        'http-proxy': 'proxy.example.com',
        'http-proxy-port': 3128,
        remote_execution_ssh_keys: ['ssh-ed25519 AAAA it@example.com', 'ssh-rsa BBBB <it&ops>'],
      },
      interfaces: [
        nic({ identifier: 'eth0', mac: '52:54:00:00:60:02', ip: '198.51.100.62', subnet: 'fixed' }),
      ],
    }),
  );
  site.put(
    'hosts',
    host({
      id: 603,
      name: 'sles-dual.example.com',
      operatingsystem: 'SLES 15.6',
      architecture: 'aarch64',
      pxe_loader: 'Grub2 UEFI',
      ptable: 'AutoYaST LVM',
      parameters: {
        suse_registration_code: 'ABC&123',
        username_to_create: 'ops',
        additional_media: [{ name: 'Tools & more', url: 'http://sles.example.com/tools/?a=1&b=2' }],
      },
      interfaces: [
        nic({
          identifier: 'eth0',
          mac: '52:54:00:00:60:03',
          ip: '198.51.100.63',
          subnet: 'fixed',
          ip6: '2001:db8:2::63',
          subnet6: 'fixed6',
        }),
      ],
    }),
  );
  site.put(
    'hosts',
    host({
      id: 604,
      name: 'sles12-ip6.example.com',
      operatingsystem: 'SLES 12.5',
      disk: '#Dynamic\necho "<x>]]></x>" > /tmp/profile/modified.xml\n',
      interfaces: [nic({ mac: '52:54:00:00:60:04', ip6: '2001:db8:1::64', subnet6: 'dynamic6' })],
    }),
  );
}

/** More than one interface. */
function addCombined(site: SiteIndex): void {
  site.put(
    'hosts',
    host({
      id: 605,
      name: 'sles-vlan.example.com',
      operatingsystem: 'SLES 15.6',
      ptable: 'AutoYaST entire SCSI disk',
      interfaces: tagged('52:54:00:00:60:05', { ip: '203.0.113.65', subnet: 'storage' }),
    }),
  );
  site.put(
    'hosts',
    host({
      id: 606,
      name: 'leap-bond.example.com',
      operatingsystem: 'openSUSE 15.6',
      interfaces: [
        ...bonded('52:54:00:00:66', {
          ip: '198.51.100.66',
          subnet: 'fixed',
          ip6: '2001:db8:1::66',
          subnet6: 'dynamic6',
        }),
        nic({ identifier: 'ens5', mac: '52:54:00:00:66:03', primary: false, provision: false }),
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
    }),
  );
}
