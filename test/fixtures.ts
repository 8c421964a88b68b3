/** A small site that tests of every room share. */

import { SiteIndex } from '../src/inventory/site.ts';
import type { Host, ProvisioningTemplate, Records } from '../src/inventory/types.ts';

export const NOW = Date.UTC(2026, 0, 15, 12);
export const TOKEN = '6f1c9f3e-5d0f-4c43-8b77-3f2f5d1c0a11';

export function host(fields: Partial<Host> = {}): Host {
  return {
    id: 1,
    name: 'web01.example.org',
    enabled: true,
    operatingsystem: 'Debian 12',
    architecture: 'x86_64',
    medium: 'Debian mirror',
    parameters: {},
    build: true,
    token: { value: TOKEN, expires_at: NOW + 3_600_000 },
    interfaces: [
      nic({ identifier: 'eth0', mac: '52:54:00:77:00:10', ip: '10.77.0.50', primary: true, provision: true }),
      nic({ identifier: 'eth1', mac: '52:54:00:77:00:11' }),
    ],
    ...fields,
  };
}

export function nic(fields: Partial<Host['interfaces'][number]>): Host['interfaces'][number] {
  return { type: 'interface', primary: false, provision: false, managed: true, virtual: false, ...fields };
}

export function template(
  name: string,
  kind: ProvisioningTemplate['kind'],
  id: number,
  oses?: readonly string[],
): ProvisioningTemplate {
  return { id, name, kind, template: `# ${name}\n`, locked: id < 0, ...(oses && { oses }) };
}

const SUBNET: Records['subnets'] = {
  id: 1,
  name: 'lab',
  network: '10.77.0.0/24',
  gateway: '10.77.0.1',
  from: '10.77.0.100',
  to: '10.77.0.200',
  boot_mode: 'DHCP',
  lease_time: 600,
  parameters: {},
};

const DEBIAN: Records['operatingsystems'] = {
  id: 1,
  name: 'Debian',
  major: '12',
  minor: '',
  family: 'Debian',
  release_name: 'bookworm',
  media: ['Debian mirror'],
  architectures: ['x86_64'],
  ptables: [],
  provisioning_templates: ['Preseed default iPXE', 'Preseed default'],
  parameters: {},
};

/** One host in build mode unless told otherwise, Debian 12, one subnet, the templates every site has. */
export function site(hosts: readonly Host[] = [host()]): SiteIndex {
  const index = new SiteIndex();
  index.put('subnets', SUBNET);
  index.put('media', {
    id: 1,
    name: 'Debian mirror',
    path: 'http://deb.debian.org/debian',
    os_family: 'Debian',
  });
  index.put('operatingsystems', DEBIAN);
  const shipped: readonly (readonly [string, ProvisioningTemplate['kind']])[] = [
    ['Preseed default iPXE', 'iPXE'],
    ['Preseed default', 'provision'],
    ['iPXE intermediate script', 'iPXE'],
    ['iPXE global default', 'iPXE'],
    ['iPXE default local boot', 'iPXE'],
    ['PXELinux global default', 'PXELinux'],
    ['PXELinux default local boot', 'PXELinux'],
    ['PXEGrub2 global default', 'PXEGrub2'],
    ['PXEGrub2 default local boot', 'PXEGrub2'],
  ];
  for (const [i, [name, kind]] of shipped.entries()) {
    index.put('provisioning_templates', template(name, kind, -1 - i));
  }
  index.put('provisioning_templates', template('PXELinux chain iPXE', 'PXELinux', -20, ['Debian', 'Rocky']));
  for (const entry of hosts) index.put('hosts', entry);
  return index;
}
