import { describe, expect, it } from 'vitest';
import { host, nic, site } from '../../test/fixtures.ts';
import { inconsistencies } from './consistency.ts';
import type { Host, Hostgroup, Interface, Subnet } from './types.ts';

const subnet6 = (fields: Partial<Subnet> = {}): Subnet => ({
  id: 2,
  name: 'lab6',
  network: 'fd00:77::/64',
  boot_mode: 'Static',
  lease_time: 600,
  parameters: {},
  ...fields,
});

const group = (fields: Partial<Hostgroup>): Hostgroup => ({
  id: 1,
  name: 'base',
  provisioning_templates: [],
  parameters: {},
  ...fields,
});

const withNic = (fields: Partial<Interface>): Host =>
  host({ interfaces: [nic({ mac: '52:54:00:77:00:10', ...fields })] });

/** `path: message` of each fault. */
function faults(hosts: readonly Host[], change: (index: ReturnType<typeof site>) => void = () => undefined) {
  const index = site(hosts);
  change(index);
  return inconsistencies(index).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('IPv6 subnets', () => {
  it('stand beside those of IPv4', () => {
    const hosts = [withNic({ ip: '10.77.0.9', ip6: 'fd00:77::9', subnet6: 'lab6' })];
    expect(faults(hosts, (index) => index.put('subnets', subnet6({ gateway: 'fe80::1' })))).toEqual([]);
  });

  it.each([
    [{ gateway: 'fd00:78::1' }, 'gateway: fd00:78::1 lies outside of fd00:77::/64'],
    [{ dns_primary: '192.0.2.1' }, 'dns_primary: 192.0.2.1 is not an IPv6 address, as fd00:77::/64 is'],
    [{ from: 'fd00:77::9', to: 'fd00:77::1' }, 'from: the pool is empty: fd00:77::9 comes after fd00:77::1'],
    [{ from: 'fd00:77::9' }, 'from: a pool needs both from and to'],
    [{ ipam: 'DHCP' as const }, 'ipam: DHCP gives no IPv6 addresses, as fd00:77::/64 has'],
    [{ domains: ['x'] }, 'domains.0: there is no domain named "x"'],
    [{ tftp_proxy: 'x' }, 'tftp_proxy: there is no smart proxy named "x"'],
    [{ locations: ['x'] }, 'locations.0: there is no location named "x"'],
    [{ network: '10.77.0.128/25' }, 'network: 10.77.0.128/25 overlaps 10.77.0.0/24 of the subnet lab'],
  ])('%j', (fields, fault) => {
    expect(faults([], (index) => index.put('subnets', subnet6(fields)))).toEqual([fault]);
  });

  it('do not overlap', () => {
    const change = (index: ReturnType<typeof site>) => {
      index.put('subnets', subnet6());
      index.put('subnets', subnet6({ id: 3, name: 'more', network: 'fd00::/16' }));
    };
    expect(faults([], change)).toEqual(['network: fd00::/16 overlaps fd00:77::/64 of the subnet lab6']);
  });
});

describe('interfaces', () => {
  it.each([
    [{ subnet: 'lab6' }, 'interfaces.0.subnet: "lab6" is an IPv6 subnet'],
    [{ subnet6: 'lab' }, 'interfaces.0.subnet6: "lab" is an IPv4 subnet'],
    [{ ip6: 'fd00:78::1' }, 'interfaces.0.ip6: fd00:78::1 lies in none of the subnets'],
    [
      { ip6: 'fd00:78::1', subnet6: 'lab6' },
      'interfaces.0.ip6: fd00:78::1 lies outside of the subnet lab6 (fd00:77::/64)',
    ],
    [{ ip: '10.77.0.1' }, 'interfaces.0.ip: 10.77.0.1 is the gateway of lab'],
    [{ ip: '10.77.0.0' }, 'interfaces.0.ip: 10.77.0.0 is the network address of lab'],
    [{ ip: '10.77.0.255' }, 'interfaces.0.ip: 10.77.0.255 is the broadcast address of lab'],
    [{ domain: 'nowhere' }, 'interfaces.0.domain: there is no domain named "nowhere"'],
  ])('%j', (fields, fault) => {
    expect(faults([withNic(fields)], (index) => index.put('subnets', subnet6()))).toEqual([fault]);
  });

  it('are looked at with what the hostgroup gives them', () => {
    const inGroup = { ...withNic({ ip: '10.78.0.9', primary: true }), hostgroup: 'base' };
    expect(faults([inGroup], (index) => index.put('hostgroups', group({ subnet: 'lab' })))).toEqual([
      'interfaces.0.ip: 10.78.0.9 lies outside of the subnet lab (10.77.0.0/24)',
    ]);
  });
});

describe('MAC addresses', () => {
  const bond = nic({
    identifier: 'bond0',
    type: 'bond',
    mac: '52:54:00:77:00:10',
    attached_devices: ['eth0'],
  });
  const eth0 = nic({ identifier: 'eth0', mac: '52:54:00:77:00:10' });
  const vlan = nic({ identifier: 'eth0.7', mac: '52:54:00:77:00:10', virtual: true });

  it.each([
    ['of a bond and its member', [host({ interfaces: [bond, eth0] })], 0],
    ['of an interface and its VLAN', [host({ interfaces: [eth0, vlan] })], 0],
    ['of two interfaces', [host({ interfaces: [eth0, { ...eth0, identifier: 'eth1' }] })], 1],
    [
      'of a bond and another host',
      [host({ interfaces: [eth0] }), host({ id: 2, name: 'b', token: undefined, interfaces: [bond] })],
      1,
    ],
  ])('the same one %s', (_what, hosts, count) => {
    expect(faults(hosts)).toHaveLength(count);
  });
});

describe('hosts', () => {
  it('tell their interfaces apart, and write their names one way', () => {
    const twice = [nic({ identifier: 'eth0' }), nic({ identifier: 'eth0' })];
    const faulty = host({ name: 'Web.lab', build: false, token: undefined, interfaces: twice } as never);
    expect(faults([faulty])).toEqual([
      'interfaces.1.identifier: "eth0" is the identifier of another interface',
      'name: has capital letters',
    ]);
  });

  it('may have an address of the pool, which leaves it out', () => {
    expect(faults([withNic({ ip: '10.77.0.150' })])).toEqual([]);
  });

  it('name a hardware model that there is, once some are declared', () => {
    expect(faults([host({ model: 'R640' })])).toEqual([]);
    const declared = (index: ReturnType<typeof site>) => index.put('models', { id: 1, name: 'R650' });
    expect(faults([host({ model: 'R640' })], declared)).toEqual([
      'model: there is no hardware model named "R640"',
    ]);
  });
});

describe('what hosts belong to', () => {
  it.each([
    [{ hostgroup: 'bas' }, 'hostgroup: there is no hostgroup named "bas"'],
    [{ organization: 'x' }, 'organization: there is no organization named "x"'],
    [{ location: 'x' }, 'location: there is no location named "x"'],
    [{ realm: 'x' }, 'realm: there is no realm named "x"'],
    [{ owner: 'staff' }, 'owner: there is no user named "staff"'],
    [{ owner: 'ada', owner_type: 'Usergroup' as const }, 'owner: there is no user group named "ada"'],
  ])('%j', (fields, fault) => {
    const change = (index: ReturnType<typeof site>) => {
      index.put('users', { id: 1, login: 'ada', ssh_keys: [] });
      index.put('usergroups', { id: 1, name: 'staff', users: ['ada'], usergroups: [] });
    };
    expect(faults([host(fields)], change)).toEqual([fault]);
  });

  it('a host may boot with what its group gives it', () => {
    const bare = host({ operatingsystem: undefined, medium: undefined, hostgroup: 'base' });
    expect(faults([bare], (index) => index.put('hostgroups', group({})))).toEqual([
      'operatingsystem: build mode needs an operating system',
    ]);
    expect(
      faults([bare], (index) => index.put('hostgroups', group({ operatingsystem: 'Debian 12' }))),
    ).toEqual([]);
  });

  it.each([
    [{ parent: 'nowhere' }, 'parent: there is no hostgroup named "nowhere"'],
    [{ operatingsystem: 'Debian 13' }, 'operatingsystem: there is no operating system named "Debian 13"'],
    [{ subnet6: 'lab' }, 'subnet6: "lab" is an IPv4 subnet'],
    [{ provisioning_templates: ['x'] }, 'provisioning_templates.0: there is no template named "x"'],
  ])('a hostgroup with %j', (fields, fault) => {
    expect(faults([], (index) => index.put('hostgroups', group(fields)))).toEqual([fault]);
  });

  it('architectures count once some are declared', () => {
    expect(faults([host({ architecture: 'riscv64' })])).toEqual([]);
    const declared = (index: ReturnType<typeof site>) =>
      index.put('architectures', { id: 1, name: 'x86_64' });
    expect(faults([host({ architecture: 'x86_46' })], declared)).toEqual([
      'architecture: there is no architecture named "x86_46"',
    ]);
  });

  it('user groups do not contain themselves', () => {
    const staff = (id: number, name: string, ...usergroups: readonly string[]) =>
      ({ id, name, users: [], usergroups }) as const;
    const change = (index: ReturnType<typeof site>) => {
      index.put('usergroups', staff(1, 'a', 'b'));
      index.put('usergroups', staff(2, 'b', 'c', 'c'));
      index.put('usergroups', staff(3, 'c', 'a'));
      index.put('usergroups', staff(4, 'd', 'd'));
      index.put('usergroups', staff(5, 'e', 'a'));
    };
    expect(faults([], change)).toEqual([
      'usergroups.0: "b" has a among its members',
      'usergroups.0: "c" has b among its members',
      'usergroups.1: "c" has b among its members',
      'usergroups.0: "a" has c among its members',
      'usergroups.0: is the group itself',
    ]);
  });

  it('user groups and users have different names', () => {
    const change = (index: ReturnType<typeof site>) => {
      index.put('users', { id: 1, login: 'ada', ssh_keys: [] });
      index.put('usergroups', { id: 1, name: 'ada', users: ['eve'], usergroups: ['x'] });
    };
    expect(faults([], change)).toEqual([
      'users.0: there is no user named "eve"',
      'usergroups.0: there is no user group named "x"',
      'name: "ada" is the login of a user',
    ]);
  });
});
