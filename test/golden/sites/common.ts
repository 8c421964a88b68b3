/** What the golden sites of all families are made of: short forms of records, and the networks they share. */

import type { SiteIndex } from '../../../src/inventory/site.ts';
import type { Host, Interface, OperatingSystem, Subnet } from '../../../src/inventory/types.ts';

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

export const subnet = (given: Pick<Subnet, 'id' | 'name' | 'network' | 'boot_mode'>): Subnet => ({
  gateway: `${given.network.replace(/0\/24$/, '1')}`,
  dns_primary: '192.0.2.53',
  dns_secondary: '192.0.2.54',
  lease_time: 3600,
  domain: 'example.com',
  parameters: {},
  ...given,
});

/** Networks that hosts of every family stand in; ids 1 to 99 are theirs. */
export function addNetworks(site: SiteIndex): void {
  site.put('domains', { id: 1, name: 'example.com', parameters: { ntp_server: 'ntp.example.com' } });
  site.put('subnets', subnet({ id: 1, name: 'dynamic', network: '192.0.2.0/24', boot_mode: 'DHCP' }));
  site.put('subnets', subnet({ id: 2, name: 'fixed', network: '198.51.100.0/24', boot_mode: 'Static' }));
}
