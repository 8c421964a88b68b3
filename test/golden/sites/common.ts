/** What the golden sites of all families are made of: short forms of records, and the networks they share. */

import type { SiteIndex } from '../../../src/inventory/site.ts';
import type { Host, Interface, OperatingSystem, Subnet } from '../../../src/inventory/types.ts';
import { loadLibrary } from '../../../src/template/library.ts';

const token = { value: '5f0c2b8e-7d3a-4e6f-9b1c-2a3d4e5f6071' };

export const nic = (given: Partial<Interface>): Interface => ({
  type: 'interface',
  primary: true,
  provision: true,
  managed: true,
  virtual: false,
  ...given,
});

export const host = (given: Partial<Host> & Pick<Host, 'id' | 'name' | 'operatingsystem'>): Host => ({
  enabled: true,
  architecture: 'x86_64',
  build: true,
  token,
  root_pass: '$6$saltsalt$hash',
  parameters: {},
  interfaces: [],
  ...given,
});

export const os = (
  given: Pick<OperatingSystem, 'id' | 'name' | 'major' | 'minor' | 'family' | 'media'> &
    Partial<OperatingSystem>,
): OperatingSystem => ({
  architectures: ['x86_64'],
  ptables: [],
  provisioning_templates: [],
  parameters: {},
  ...given,
});

type SubnetGiven = Pick<Subnet, 'id' | 'name' | 'network' | 'boot_mode'> & Partial<Subnet>;

export const subnet = (given: SubnetGiven): Subnet => ({
  gateway: `${given.network.replace(/0\/24$/, '1')}`,
  dns_primary: '192.0.2.53',
  dns_secondary: '192.0.2.54',
  lease_time: 3600,
  domain: 'example.com',
  parameters: {},
  ...given,
});

/** An IPv6 network of a site that has both families; the server answers at its first address. */
const subnet6 = (given: SubnetGiven): Subnet =>
  subnet({
    gateway: given.network.replace(/::\/64$/, '::1'),
    dns_primary: '2001:db8::53',
    dns_secondary: '2001:db8::54',
    ...given,
  });

/** Networks that hosts of every family stand in, and the partition tables that are shipped; ids 1 to 99 are theirs. */
export function addNetworks(site: SiteIndex): void {
  site.put('domains', { id: 1, name: 'example.com', parameters: { 'ntp-server': 'ntp.example.com' } });
  site.put('subnets', subnet({ id: 1, name: 'dynamic', network: '192.0.2.0/24', boot_mode: 'DHCP' }));
  site.put('subnets', subnet({ id: 2, name: 'fixed', network: '198.51.100.0/24', boot_mode: 'Static' }));
  site.put('subnets', subnet6({ id: 3, name: 'dynamic6', network: '2001:db8:1::/64', boot_mode: 'DHCP' }));
  site.put('subnets', subnet6({ id: 4, name: 'fixed6', network: '2001:db8:2::/64', boot_mode: 'Static' }));
  const tagged = { vlanid: 100, mtu: 9000 };
  site.put(
    'subnets',
    subnet({ id: 5, name: 'storage', network: '203.0.113.0/24', boot_mode: 'Static', ...tagged }),
  );
  for (const ptable of loadLibrary(new URL('../../../templates/', import.meta.url)).ptables)
    site.put('ptables', ptable);
}

/** A bond of two cards that have no addresses of their own. */
export const bonded = (mac: string, bond: Partial<Interface>): Interface[] => [
  nic({
    identifier: 'bond0',
    type: 'bond',
    virtual: true,
    mode: '802.3ad',
    bond_options: 'miimon=100 lacp_rate=fast',
    attached_devices: ['ens3', 'ens4'],
    ...bond,
  }),
  nic({ identifier: 'ens3', mac: `${mac}:01`, primary: false, provision: false }),
  nic({ identifier: 'ens4', mac: `${mac}:02`, primary: false, provision: false }),
];

/** A card without addresses that a VLAN lies on. */
export const tagged = (mac: string, vlan: Partial<Interface>): Interface[] => [
  nic({ identifier: 'ens3', mac, primary: false, provision: false }),
  nic({ identifier: 'ens3.100', attached_to: 'ens3', virtual: true, tag: '100', ...vlan }),
];
