import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { host, NOW, nic } from '../../test/fixtures.ts';
import { eui64 } from '../inventory/free-address.ts';
import { SiteIndex } from '../inventory/site.ts';
import type { Host, Subnet } from '../inventory/types.ts';
import { contains, parseCidr } from '../net/cidr.ts';
import { formatIpv4, parseIpv4 } from '../net/ip.ts';
import { Ipam, type IpamDeps } from './ipam.ts';

function subnet(fields: Partial<Subnet> = {}): Subnet {
  return {
    id: 1,
    name: 'lab',
    network: '10.0.0.0/24',
    boot_mode: 'DHCP',
    lease_time: 600,
    parameters: {},
    ...fields,
  };
}

let lastMac = 0;
const nextMac = () =>
  `52:54:00:00:${(++lastMac >> 8).toString(16).padStart(2, '0')}:${(lastMac & 255).toString(16).padStart(2, '0')}`;

function machine(id: number, fields: Partial<Host['interfaces'][number]>): Host {
  const card = nic({ mac: nextMac(), primary: true, provision: true, subnet: 'lab', ...fields });
  return {
    ...host({ id, name: `h${id}.lab`, build: false, interfaces: [card] }),
    operatingsystem: undefined,
  } as never;
}

function siteOf(subnets: readonly Subnet[], ...taken: readonly string[]): SiteIndex {
  const index = new SiteIndex();
  for (const each of subnets) index.put('subnets', each);
  for (const [i, ip] of taken.entries())
    index.put('hosts', machine(i + 1, ip.includes(':') ? { ip6: ip } : { ip }));
  return index;
}

function ipam(deps: Partial<IpamDeps> = {}): Ipam {
  return new Ipam({ leases: () => undefined, own: () => [], now: () => NOW, random: () => 0.5, ...deps });
}

describe('a free address', () => {
  it.each<[string, Partial<Subnet>, readonly string[], string | undefined]>([
    ['the first of the subnet', {}, [], '10.0.0.1'],
    [
      'not that of the gateway, a name server or a host',
      { gateway: '10.0.0.1', dns_primary: '10.0.0.2' },
      ['10.0.0.3'],
      '10.0.0.4',
    ],
    [
      'within the range that the subnet has',
      { from: '10.0.0.100', to: '10.0.0.110' },
      ['10.0.0.100'],
      '10.0.0.101',
    ],
    [
      'none outside of that range',
      { from: '10.0.0.100', to: '10.0.0.101' },
      ['10.0.0.100', '10.0.0.101'],
      undefined,
    ],
    [
      'neither the network nor its broadcast',
      { from: '10.0.0.0', to: '10.0.0.255', network: '10.0.0.0/30' },
      ['10.0.0.1', '10.0.0.2'],
      undefined,
    ],
    ['both of a /31', { network: '10.0.0.0/31' }, ['10.0.0.0'], '10.0.0.1'],
    ['any with Random DB', { ipam: 'Random DB' }, [], '10.0.0.128'],
    ['the next one where Random DB meets a host', { ipam: 'Random DB' }, ['10.0.0.128'], '10.0.0.129'],
    [
      'from the beginning again at its end',
      { ipam: 'Random DB', from: '10.0.0.9', to: '10.0.0.10' },
      ['10.0.0.10'],
      '10.0.0.9',
    ],
    ['none with None', { ipam: 'None' }, [], undefined],
    [
      'the first of a range of IPv6',
      { network: '2001:db8::/64', ipam: 'Internal DB', from: '2001:db8::10', to: '2001:db8::20' },
      ['2001:db8::10'],
      '2001:db8::11',
    ],
    [
      'not the anycast of an IPv6 subnet',
      { network: '2001:db8::/64', ipam: 'Internal DB' },
      [],
      '2001:db8::1',
    ],
    ['none of IPv6 unless a mode says so', { network: '2001:db8::/64' }, [], undefined],
  ])('is %s', async (_what, fields, taken, expected) => {
    const lab = subnet(fields);
    expect(await ipam().freeIp(siteOf([lab], ...taken), lab)).toBe(expected);
  });

  it('is made of the MAC with EUI-64 (RFC 4291 appendix A)', async () => {
    const lab = subnet({ network: '2001:db8:1::/64', ipam: 'EUI-64' });
    const site = siteOf([lab]);
    expect(await ipam().freeIp(site, lab, { mac: '34:56:78:9a:bc:de' })).toBe(
      '2001:db8:1:0:3656:78ff:fe9a:bcde',
    );
    expect(await ipam().freeIp(site, lab)).toBeUndefined();
    expect(eui64('2001:db8::/96', '34:56:78:9a:bc:de')).toBeUndefined();
  });

  it('is nobody’s by lease, except of the machine that asks, and not ours', async () => {
    const lab = subnet();
    const leases = (address: string) => (address === '10.0.0.2' ? '52:54:00:aa:00:01' : undefined);
    const service = () => ipam({ leases, own: () => ['10.0.0.1'] });
    expect(await service().freeIp(siteOf([lab]), lab)).toBe('10.0.0.3');
    expect(await service().freeIp(siteOf([lab]), lab, { mac: '52:54:00:aa:00:01' })).toBe('10.0.0.2');
  });

  it('is looked at on the wire, and whoever answers keeps it', async () => {
    const lab = subnet();
    const asked: string[] = [];
    const probe = async (address: number) => {
      asked.push(formatIpv4(address));
      return address <= parseIpv4('10.0.0.2')! ? '52:54:00:bb:00:01' : undefined;
    };
    const service = ipam({ probe });
    expect(await service.freeIp(siteOf([lab]), lab)).toBe('10.0.0.3');
    expect(asked).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3']);
    // Remembered: the strangers are not asked again.
    expect(await service.freeIp(siteOf([lab]), lab)).toBe('10.0.0.4');
    expect(asked).toHaveLength(4);
  });

  it('is suggested to one asker only, to the same machine again, and to another when there is nothing else', async () => {
    const lab = subnet({ from: '10.0.0.10', to: '10.0.0.12' });
    const site = siteOf([lab]);
    let now = NOW;
    const service = ipam({ now: () => now, probe: async () => undefined });
    const both = await Promise.all([service.freeIp(site, lab), service.freeIp(site, lab)]);
    expect(both).toEqual(['10.0.0.10', '10.0.0.11']);
    expect(await service.freeIp(site, lab, { mac: '52:54:00:aa:00:01' })).toBe('10.0.0.12');
    expect(await service.freeIp(site, lab, { mac: '52:54:00:aa:00:01' })).toBe('10.0.0.12');
    expect(await service.freeIp(site, lab)).toBe('10.0.0.10');
    now += 3_600_000;
    expect(await service.freeIp(site, lab)).toBe('10.0.0.10');
  });

  it('is never in use, whatever the subnet', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 26, max: 32 }),
        fc.constantFrom<Subnet['ipam']>('DHCP', 'Internal DB', 'Random DB'),
        fc.uniqueArray(fc.integer({ min: 0, max: 63 }), { maxLength: 64 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        async (prefix, mode, offsets, random) => {
          const lab = subnet({ network: `10.0.0.0/${prefix}`, ipam: mode, gateway: '10.0.0.1' });
          const taken = offsets.map((offset) => `10.0.0.${offset}`);
          const free = await ipam({ random: () => random }).freeIp(siteOf([lab], ...taken), lab);
          const size = 2 ** (32 - prefix);
          const candidates = Array.from({ length: size }, (_, i) => `10.0.0.${i}`).filter(
            (ip, i) => !taken.includes(ip) && ip !== '10.0.0.1' && (size <= 2 || (i > 0 && i < size - 1)),
          );
          if (free === undefined) {
            expect(candidates).toEqual([]);
            return;
          }
          expect(contains(parseCidr(lab.network)!, parseIpv4(free)!)).toBe(true);
          expect(candidates).toContain(free);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('addresses for a host', () => {
  const lab = subnet();
  const six = subnet({ id: 2, name: 'six', network: '2001:db8::/64', ipam: 'EUI-64' });
  const draft = (fields: Partial<Host['interfaces'][number]> = {}) =>
    machine(99, { mac: '52:54:00:00:00:99', ...fields });

  it('go to what is managed, in a subnet that gives some, and has none', () => {
    const site = siteOf([lab, six], '10.0.0.1');
    const assign = ipam().assigner(site);
    expect(assign(draft({ subnet6: 'six' })).interfaces).toMatchObject([
      { ip: '10.0.0.2', ip6: '2001:db8::5054:ff:fe00:99' },
    ]);
    expect(assign(draft({ managed: false })).interfaces[0]).not.toHaveProperty('ip');
    expect(assign(draft({ ip: '10.0.0.77' })).interfaces).toMatchObject([{ ip: '10.0.0.77' }]);
    // One plan gives an address once.
    expect(assign(draft()).interfaces).toMatchObject([{ ip: '10.0.0.3' }]);
  });

  it('come of the subnet of the hostgroup, too', () => {
    const site = siteOf([lab]);
    site.put('hostgroups', { id: 1, name: 'web', subnet: 'lab', provisioning_templates: [], parameters: {} });
    const { subnet: _none, ...card } = draft().interfaces[0]!;
    const [given] = ipam().assigner(site)({ ...draft(), hostgroup: 'web', interfaces: [card] }).interfaces;
    expect(given?.ip).toBe('10.0.0.1');
    expect(given).not.toHaveProperty('subnet');
  });

  it('are those that were looked at before', async () => {
    const site = siteOf([lab]);
    const service = ipam({
      probe: async (address) => (address === parseIpv4('10.0.0.1') ? '52:54:00:bb:00:01' : undefined),
    });
    await service.prepare(site, draft());
    expect(service.assigner(site)(draft()).interfaces).toMatchObject([{ ip: '10.0.0.2' }]);
  });

  it('are refused when there are none, at the field', () => {
    const tiny = subnet({ network: '10.0.0.0/31' });
    const site = siteOf([tiny], '10.0.0.0', '10.0.0.1');
    expect(() => ipam().assigner(site)(draft())).toThrowError(
      expect.objectContaining({
        code: 'SUBNET_FULL',
        problems: [expect.objectContaining({ file: 'hosts/h99.lab', path: 'interfaces.0.ip' })],
      }),
    );
  });

  it('cost little in a /16 that is nearly full', async () => {
    const wide = subnet({ network: '10.1.0.0/16' });
    const site = siteOf([wide]);
    for (let i = 1; i < 65_000; i++)
      site.put('hosts', { ...machine(i, { ip: formatIpv4(0x0a010000 + i) }), name: `n${i}.lab` });
    const service = ipam();
    expect(await service.freeIp(site, wide)).toBe('10.1.253.232');
    expect(await timed(() => service.freeIp(site, wide))).toBeLessThan(5);
    const leased = ipam({
      leases: (address) => (parseIpv4(address)! < 0x0a01fe00 ? '52:54:00:cc:00:01' : undefined),
    });
    const empty = siteOf([wide]);
    expect(await leased.freeIp(empty, wide)).toBe('10.1.254.0');
    expect(await timed(() => leased.freeIp(empty, wide))).toBeLessThan(5);
  });
});

/** Milliseconds each of a hundred calls takes. */
async function timed(call: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  for (let i = 0; i < 100; i++) await call();
  return (performance.now() - started) / 100;
}
