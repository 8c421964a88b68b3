import { describe, expect, it } from 'vitest';
import { host, ip, SUBNET } from '../../test/dhcp-rig.ts';
import { SiteIndex } from '../inventory/site.ts';
import type { Host, Hostgroup, Subnet } from '../inventory/types.ts';
import { Inherited } from './inherited.ts';
import { OPTION } from './options.ts';

const NTP = 42;
const group = (id: number, name: string, fields: Partial<Hostgroup> = {}): Hostgroup => ({
  id,
  name,
  provisioning_templates: [],
  parameters: {},
  ...fields,
});

function rig(declared: Host = { ...host(), hostgroup: 'base/web' }) {
  const site = new SiteIndex();
  const change = {
    base: (fields: Partial<Hostgroup>) => site.put('hostgroups', group(1, 'base', fields)),
    subnet: (fields: Partial<Subnet>) => site.put('subnets', { ...SUBNET, ...fields }),
    host: (fields: Partial<Host>) => site.put('hosts', { ...site.get('hosts', declared.name)!, ...fields }),
  };
  change.base({ pxe_loader: 'PXELinux BIOS', dhcp_options: { 'ntp-servers': '10.0.0.1' } });
  site.put('hostgroups', group(2, 'web', { parent: 'base' }));
  change.subnet({});
  site.put('hosts', declared);
  const inherited = new Inherited(site);
  const effective = () => inherited.effectiveHost(site.get('hosts', declared.name)!);
  const optionsFor = (of: Host | undefined) => inherited.optionsFor(site.subnetOf(ip('10.77.0.5'))!, of);
  const options = () => optionsFor(site.get('hosts', declared.name));
  return { site, change, effective, options, optionsFor };
}

describe('a host with what its hostgroups give it', () => {
  it('is worked out once', () => {
    const { effective } = rig();
    expect(effective().pxe_loader).toBe('PXELinux BIOS');
    expect(effective()).toBe(effective());
  });

  it('is worked out anew when a group far up or the host itself is another', () => {
    const { effective, change } = rig();
    effective();
    change.base({ pxe_loader: 'Grub2 UEFI' });
    expect(effective().pxe_loader).toBe('Grub2 UEFI');
    change.host({ pxe_loader: 'iPXE Embedded' });
    expect(effective().pxe_loader).toBe('iPXE Embedded');
    change.host({ pxe_loader: undefined, hostgroup: undefined });
    expect(effective().pxe_loader).toBeUndefined();
  });
});

describe('the options of a subnet', () => {
  it('are encoded once for all who inherit the same', () => {
    const { options, optionsFor, site } = rig();
    expect(options().get(NTP)).toEqual(Uint8Array.of(10, 0, 0, 1));
    const sibling = { ...host({ id: 2, name: 'vm11.rig.test', interfaces: [] }), hostgroup: 'base' };
    site.put('hosts', sibling);
    expect(optionsFor(sibling)).toBe(options());
    expect(optionsFor(host())).toBe(optionsFor(undefined));
    expect(optionsFor(undefined).has(NTP)).toBe(false);
  });

  it('follow the host, its groups and the subnet', () => {
    const { options, change } = rig();
    const before = options();
    change.base({ dhcp_options: { 'ntp-servers': '10.0.0.2' } });
    expect(options().get(NTP)).toEqual(Uint8Array.of(10, 0, 0, 2));
    change.host({ dhcp_options: { 'ntp-servers': '10.0.0.3', 'interface-mtu': 9000 } });
    expect(options().get(NTP)).toEqual(Uint8Array.of(10, 0, 0, 3));
    // The nearest giver is the same, one behind it is not.
    change.base({ dhcp_options: { 'ntp-servers': '10.0.0.4', 'domain-name': 'far.test' } });
    expect(options().get(NTP)).toEqual(Uint8Array.of(10, 0, 0, 3));
    expect(options().get(OPTION.domain)).toEqual(new TextEncoder().encode('far.test'));
    expect(options().get(OPTION.mtu)).toEqual(Uint8Array.of(0x23, 0x28));
    change.subnet({ lease_time: 1200 });
    expect(options().get(OPTION.leaseTime)).toEqual(Uint8Array.of(0, 0, 4, 176));
    expect(before.get(NTP)).toEqual(Uint8Array.of(10, 0, 0, 1));
  });
});
