import { describe, expect, it } from 'vitest';
import { capabilitiesIn, capabilityFindings } from './capabilities.ts';
import { clockAgainst, clockFindings } from './clock.ts';
import { containerFindings } from './container.ts';
import { firewallFindings } from './firewall.ts';
import { mtuFindings } from './interfaces.ts';
import { portFinding } from './ports.ts';
import { boundIn, isChainboot, unitIn } from './sockets.ts';
import { spaceFinding } from './storage.ts';

const codes = (findings: readonly { readonly code: string }[]) => findings.map(({ code }) => code);
const DHCP = { protocol: 'udp', port: 67, use: 'DHCP' } as const;
const TFTP = { protocol: 'udp', port: 69, use: 'TFTP' } as const;

const UDP = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 1034: 00000000:0043 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 48012 2 0000000000000000 0
 1036: 0100007F:0045 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 48013 2 0000000000000000 0
`;
const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 014D000A:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77001 1 0000000000000000 100 0 0 10 0
   1: 014D000A:0050 024D000A:C000 01 00000000:00000000 00:00000000 00000000     0        0 77002 1 0000000000000000 100 0 0 10 0
`;

describe('ports', () => {
  it('are read from /proc/net, of TCP those that listen', () => {
    expect(boundIn(UDP, 'udp')).toEqual([
      { protocol: 'udp', port: 67, address: '0.0.0.0', inode: '48012' },
      { protocol: 'udp', port: 69, address: '127.0.0.1', inode: '48013' },
    ]);
    expect(boundIn(TCP, 'tcp')).toEqual([
      { protocol: 'tcp', port: 80, address: '10.0.77.1', inode: '77001' },
    ]);
  });

  it('that another has: its service is stopped, or the process', () => {
    const owner = { pid: 7, name: 'dhcpd', command: ['/usr/sbin/dhcpd', '-4'] };
    const bound = boundIn(UDP, 'udp');
    expect(portFinding(DHCP, bound, () => owner)).toMatchObject({ code: 'port-taken', commands: ['kill 7'] });
    const unit = 'isc-dhcp-server.service';
    expect(portFinding(DHCP, bound, () => ({ ...owner, unit })).commands).toEqual([
      'systemctl disable --now isc-dhcp-server',
    ]);
    expect(portFinding(DHCP, bound, () => undefined)).toMatchObject({ code: 'port-taken', level: 'error' });
    expect(portFinding(TFTP, bound, () => owner).code).toBe('port-free');
  });

  it('that are ours are fine', () => {
    const ours = { pid: 7, name: 'node', command: ['node', '/opt/dist/main.js', '-c', 'x', 'serve'] };
    expect(isChainboot(ours)).toBe(true);
    expect(isChainboot({ ...ours, command: ['node', '/srv/main.js'] })).toBe(false);
    expect(portFinding(DHCP, boundIn(UDP, 'udp'), () => ours)).toMatchObject({
      code: 'port-ours',
      level: 'ok',
    });
  });

  it('belong to services of systemd by their cgroup', () => {
    expect(unitIn('0::/system.slice/dnsmasq.service\n')).toBe('dnsmasq.service');
    expect(unitIn('0::/system.slice/system-getty.slice/getty@tty1.service\n')).toBe('getty@tty1.service');
    expect(unitIn('0::/user.slice/user-0.slice/session-1.scope\n')).toBeUndefined();
  });
});

describe('capabilities', () => {
  const findings = (hex: string, low = true) =>
    codes(capabilityFindings(capabilitiesIn(`Name:\tx\nCapEff:\t${hex}\n`)!, low, 'it', '/usr/bin/node'));

  it('are read from CapEff', () => {
    expect(findings('0000000000000000')).toEqual(['cap-net-bind-service', 'cap-net-raw']);
    expect(findings('0000000000000400')).toEqual(['cap-net-raw']);
    expect(findings('0000000000002400')).toEqual(['capabilities']);
    expect(findings('0000000000002000', false)).toEqual(['capabilities']);
    expect(capabilitiesIn('')).toBeUndefined();
  });
});

describe('packet filter', () => {
  const chain = (more: object) => ({
    chain: { family: 'inet', table: 'filter', name: 'input', hook: 'input', ...more },
  });
  const rule = (...expr: readonly object[]) => ({
    rule: { family: 'inet', table: 'filter', chain: 'input', handle: 1, expr },
  });
  const dport = (right: unknown, op = '==') => ({
    match: { op, left: { payload: { protocol: 'udp', field: 'dport' } }, right },
  });
  const state = { match: { op: 'in', left: { ct: { key: 'state' } }, right: ['established', 'related'] } };
  const found = (...nftables: readonly object[]) =>
    firewallFindings(JSON.stringify({ nftables }), [DHCP, TFTP]);

  it('a policy that drops what no rule accepts', () => {
    const some = [
      chain({ policy: 'drop' }),
      rule(state, { accept: null }),
      rule(dport(67), { accept: null }),
    ];
    expect(found(...some)).toMatchObject([
      { code: 'firewall-drops', commands: ['nft insert rule inet filter input udp dport { 69 } accept'] },
    ]);
    const sets = rule(dport({ set: [67, { range: [68, 70] }] }), { accept: null });
    expect(codes(found(chain({ policy: 'drop' }), sets))).toEqual(['firewall']);
  });

  it('a rule that drops, also in a chain that is called', () => {
    expect(
      found(chain({ policy: 'accept' }), rule(dport({ range: [60, 80] }), { drop: null })),
    ).toMatchObject([{ commands: ['nft insert rule inet filter input udp dport { 67, 69 } accept'] }]);
    const other = { rule: { ...rule(dport(69), { drop: null }).rule, chain: 'other' } };
    expect(codes(found(chain({ policy: 'accept' }), rule({ jump: { target: 'other' } }), other))).toEqual([
      'firewall-drops',
    ]);
    const itself = rule({ jump: { target: 'input' } });
    expect(codes(found(chain({ policy: 'accept' }), itself))).toEqual(['firewall']);
  });

  it('an interface or a port that is let in, whatever else is asked for', () => {
    const from = (name: string) => ({ match: { op: '==', left: { meta: { key: 'iifname' } }, right: name } });
    const drop = chain({ policy: 'drop' });
    const both = dport({ set: [67, 69] });
    expect(codes(found(drop, rule(from('eth1'), both, { accept: null })))).toEqual(['firewall']);
    expect(codes(found(drop, rule(both, state, { accept: null })))).toEqual(['firewall']);
    expect(codes(found(drop, rule(from('eth1'), { accept: null })))).toEqual(['firewall']);
    expect(codes(found(drop, rule(from('lo'), { accept: null })))).toEqual(['firewall-drops']);
    expect(codes(found(drop, rule(state, { accept: null })))).toEqual(['firewall-drops']);
  });

  it('what is about others, or is no ruleset at all, is in nobody’s way', () => {
    expect(codes(found(chain({ policy: 'accept' }), rule(dport(53), { drop: null })))).toEqual(['firewall']);
    expect(codes(firewallFindings('no JSON', [DHCP]))).toEqual(['firewall']);
  });
});

describe('surroundings', () => {
  const none = { dockerenv: false, containerenv: false, cgroup: '0::/init.scope\n', veths: [] };

  it('a container behind a bridge, with the network of the host, and none', () => {
    expect(codes(containerFindings({ ...none, dockerenv: true, veths: ['eth0'] }))).toEqual([
      'container-bridge',
    ]);
    expect(codes(containerFindings({ ...none, dockerenv: true }))).toEqual(['container-network']);
    expect(codes(containerFindings({ ...none, veths: ['veth0'] }))).toEqual(['container']);
  });

  it('sizes of packets', () => {
    expect([1400, 1500, 9000].map((mtu) => codes(mtuFindings('eth0', mtu)))).toEqual([
      ['mtu-small'],
      [],
      ['mtu-jumbo'],
    ]);
  });

  it('clocks', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(codes(clockFindings(0, now, 'yes'))).toEqual(['clock-wrong']);
    expect(codes(clockFindings(now, now, 'no'))).toEqual(['clock-unsynchronized']);
    expect(codes(clockFindings(now, now, undefined))).toEqual(['clock']);
    expect(codes(clockAgainst('it', 'Thu, 01 Jan 2026 00:10:00 GMT', now))).toEqual(['clock-differs']);
    expect(clockAgainst('it', 'Thu, 01 Jan 2026 00:01:00 GMT', now)).toEqual([]);
    expect(clockAgainst('it', null, now)).toEqual([]);
  });

  it('room on disks', () => {
    const space = (mib: number, inodes?: number) => spaceFinding('/var', mib * 1024 * 1024, inodes).code;
    expect([space(1), space(100), space(5000), space(5000, 3)]).toEqual([
      'disk-full',
      'disk-low',
      'disk',
      'disk-inodes',
    ]);
  });
});
