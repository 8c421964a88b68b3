import { describe, expect, it } from 'vitest';
import { example, filesIn, said } from '../../../test/moving-examples.ts';
import { filesOf } from '../files.ts';
import type { Moved } from '../moved.ts';
import { moveDhcpd } from './move.ts';

const resolve = (name: string) => (name === 'web2.example.com' ? ['10.61.0.12'] : []);

function move(text: string): Moved {
  return moveDhcpd(text, 'conf', filesOf({}), resolve);
}

const NET = 'subnet 10.1.0.0 netmask 255.255.255.0';

describe('a site that grew', () => {
  const moved = moveDhcpd(example('dhcpd/dhcpd.conf'), 'dhcpd.conf', filesIn('dhcpd'), resolve);

  it('has its subnets, with what is said around them', () => {
    expect(moved.site.subnets).toEqual([
      {
        name: '10.61.0.0-24',
        network: '10.61.0.0/24',
        gateway: '10.61.0.1',
        dns_primary: '10.61.0.2',
        dns_secondary: '10.61.0.3',
        domain: 'example.com',
        from: '10.61.0.100',
        to: '10.61.0.199',
        authoritative: true,
        lease_time: 43_200,
        dhcp_options: {
          'domain-name-servers': ['10.61.0.2', '10.61.0.3', '10.61.0.4'],
          'ntp-servers': '10.61.0.2',
          'classless-static-routes': ['10.70.0.0/16 via 10.61.0.254', '0.0.0.0/0 via 10.61.0.1'],
        },
      },
      expect.objectContaining({
        network: '10.62.0.0/24',
        domain: 'annex.example.com',
        shared_network: 'annex',
        lease_time: 600,
        from: '10.62.0.100',
        to: '10.62.0.120',
      }),
      expect.objectContaining({ network: '10.63.0.0/23', shared_network: 'annex', mtu: 9000 }),
    ]);
    // Its only range is for members of a class.
    expect(moved.site.subnets![2]).not.toHaveProperty('from');
  });

  it('has its groups, one in the other, and its hosts in them', () => {
    expect(moved.site.hostgroups).toEqual([
      { name: 'group-52', pxe_loader: 'Grub2 UEFI', dhcp_options: { 'root-path': '10.61.0.2:/srv/nfs' } },
      { name: 'legacy', parent: 'group-52', pxe_loader: 'PXELinux BIOS' },
    ]);
    expect(moved.site.hosts).toEqual([
      { name: 'web1', hostgroup: 'group-52', mac: '52:54:00:61:00:01', ip: '10.61.0.11' },
      { name: 'web2', hostgroup: 'group-52', mac: '52:54:00:61:00:02', ip: '10.61.0.12' },
      {
        name: 'old-nas',
        hostgroup: 'group-52/legacy',
        mac: '52:54:00:61:00:03',
        ip: '10.61.0.13',
        dhcp_options: { 'tftp-server-name': '10.61.0.2' },
      },
      {
        name: 'laptop',
        mac: '52:54:00:61:00:04',
        dhcp_options: {
          252: Buffer.from('http://wpad.example.com/wpad.dat\n')
            .toString('hex')
            .replace(/..(?!$)/g, '$&:'),
        },
      },
      { name: 'printer.example.com', mac: '52:54:00:61:00:05', ip: '10.62.0.15' },
    ]);
  });

  it('leaves what Chainboot does by itself, and says what somebody has to look at', () => {
    expect(said(moved, 'refused')).toEqual([]);
    expect(said(moved, 'left')).toEqual(
      expect.arrayContaining([
        'dhcpd.conf:29 if exists user-class and option user-class = "iPXE"',
        'dhcpd.conf:31 elsif option arch = 00:07 or option arch = 00:09',
        'dhcpd.conf:33 else',
        'dhcpd.conf:38 class "pxeclients"',
      ]),
    );
    expect(said(moved, 'human')).toEqual([
      'dhcpd.conf:45 class "phones"',
      'dhcpd.conf:65 host old_nas',
      'dhcpd.conf:80 deny booting',
      'subnets.conf:7 deny unknown-clients',
      'subnets.conf:19 range 10.62.0.200 - 10.62.0.210',
      'subnets.conf:26 allow members of "phones"',
      'subnets.conf:27 range',
    ]);
  });
});

describe('dhcpd.leases', () => {
  it('has the hosts that OMAPI made, as they were at last', () => {
    const moved = moveDhcpd(example('dhcpd/dhcpd.leases'), 'leases', filesOf({}), resolve);
    expect(moved.site).toEqual({
      hosts: [
        {
          name: 'vm1.example.com',
          pxe_loader: 'Grub2 UEFI SecureBoot',
          mac: '52:54:00:61:02:11',
          ip: '10.61.0.21',
        },
      ],
    });
    expect(said(moved, 'left')).toContain('leases:7 1 lease(s)');
  });
});

describe('hosts', () => {
  it.each([
    ['a name that is none', `host a_b { hardware ethernet 52:54:00:00:00:01; }`, 'conf:1 host a_b'],
    ['no MAC address', `host a { fixed-address 10.1.0.9; }`, 'conf:1 host a'],
    [
      'another network',
      `${NET} {}\nhost a { hardware ethernet 52:54:00:00:00:01; fixed-address 10.9.0.9; }`,
      'conf:2 host a',
    ],
    [
      'a name without address',
      `host a { hardware ethernet 52:54:00:00:00:01; fixed-address nowhere; }`,
      'conf:1 host a',
    ],
    [
      'a MAC address twice',
      'host a { hardware ethernet 52:54:00:00:00:01; }\nhost b { hardware ethernet 52:54:0:0:0:1; }',
      'conf:2 host b',
    ],
    [
      'an address twice',
      'host a { hardware ethernet 52:54:00:00:00:01; fixed-address 10.1.0.9; }\nhost b { hardware ethernet 52:54:00:00:00:02; fixed-address 10.1.0.9; }',
      'conf:2 host b',
    ],
    [
      'the address of the router',
      `${NET} { option routers 10.1.0.1; }\nhost a { hardware ethernet 52:54:00:00:00:01; fixed-address 10.1.0.1; }`,
      'conf:2 host a',
    ],
  ])('with %s are refused at their line', (_what, text, line) => {
    expect(said(move(text), 'refused')).toEqual([line]);
  });

  it('of one name are one host with two interfaces', () => {
    const moved = move(
      'host a { hardware ethernet 52:54:00:00:00:01; fixed-address 10.1.0.1; }\nhost a { hardware ethernet 52:54:00:00:00:02; }',
    );
    expect(moved.site.hosts).toEqual([
      {
        name: 'a',
        interfaces: [
          { identifier: 'eth0', mac: '52:54:00:00:00:01', ip: '10.1.0.1' },
          { identifier: 'eth1', mac: '52:54:00:00:00:02' },
        ],
      },
    ]);
    expect(said(moved, 'human')).toEqual(['conf:2 host a']);
  });

  it('with conditions of their own, which are told', () => {
    const moved = move(
      'host a { hardware ethernet 52:54:00:00:00:01;\nif option arch = 00:07 { filename "x.efi"; }\nif known { filename "y"; } }',
    );
    expect(said(moved, 'left')).toEqual(['conf:2 if option arch = 00:07']);
    expect(said(moved, 'human')).toEqual(['conf:3 if known']);
  });

  it('that boot something unknown keep its name as an option', () => {
    const moved = move('host a { hardware ethernet 52:54:00:00:00:01; filename "yealink.cfg"; }');
    expect(moved.site.hosts![0]!.dhcp_options).toEqual({ 'bootfile-name': 'yealink.cfg' });
    expect(said(moved, 'human')).toEqual(['conf:1 boot file yealink.cfg']);
  });
});

describe('ranges', () => {
  const pool = (ranges: string, rest = '') => {
    const moved = move(`${NET} { ${ranges} }\n${rest}`);
    const [subnet] = moved.site.subnets!;
    return [subnet!.from, subnet!.to];
  };

  it('with nothing but reservations between them are one pool', () => {
    const host = 'host a { hardware ethernet 52:54:00:00:00:01; fixed-address 10.1.0.20; }';
    const two = 'range 10.1.0.10 10.1.0.19; range 10.1.0.21 10.1.0.30;';
    expect(pool(two, host)).toEqual(['10.1.0.10', '10.1.0.30']);
    expect(pool(two)).toEqual(['10.1.0.10', '10.1.0.19']);
  });

  it('of one address', () => expect(pool('range 10.1.0.10;')).toEqual(['10.1.0.10', '10.1.0.10']));

  it('outside of every subnet are refused', () => {
    expect(said(move(`${NET} { range 10.2.0.1 10.2.0.9; }`), 'refused')).toEqual(['conf:1 range 10.2.0.1']);
  });
});

describe('options', () => {
  const options = (text: string) => move(`${NET} { ${text} }`).site.subnets![0]!.dhcp_options;

  it.each([
    ['option time-offset -3600;', { 'time-offset': -3600 }],
    ['option ip-forwarding off;', { 'ip-forwarding': false }],
    ['option domain-search "a.example", "b.example";', { 'domain-search': ['a.example', 'b.example'] }],
    ['option arp-cache-timeout 300;', { 35: '00:00:01:2c' }],
    ['option static-routes 10.2.0.1 10.1.0.2;', { 33: '0a:02:00:01:0a:01:00:02' }],
    ['option unknown-244 0a:0B:c;', { 244: '0a:0b:0c' }],
    ['option vendor-encapsulated-options 01:02:ff;', { 'vendor-encapsulated-options': '01:02:ff' }],
    ['option root-path "/srv\\\\x";', { 'root-path': '/srv\\x' }],
  ])('%s', (text, expected) => expect(options(text)).toEqual(expected));

  it('that the exchange itself uses are left out', () => {
    const moved = move(`${NET} { option dhcp-server-identifier 10.1.0.1; option dhcp-renewal-time 60; }`);
    expect(said(moved, 'left')).toHaveLength(2);
    expect(moved.site.subnets![0]).not.toHaveProperty('dhcp_options');
  });

  it('may have names where addresses are wanted', () => {
    expect(options('option ntp-servers web2.example.com, 10.1.0.5;')).toEqual({
      'ntp-servers': ['10.61.0.12', '10.1.0.5'],
    });
    const moved = move(`${NET} { option ntp-servers nowhere.example.com; }`);
    expect(said(moved, 'refused')).toEqual(['conf:1 option ntp-servers']);
  });

  it('67 is what is booted', () => {
    const host = 'host a { hardware ethernet 52:54:00:00:00:01; option bootfile-name "pxelinux.0"; }';
    expect(move(host).site.hosts).toEqual([
      { name: 'a', mac: '52:54:00:00:00:01', pxe_loader: 'PXELinux BIOS' },
    ]);
    expect(options('option bootfile-name "ipxe.efi";')).toBeUndefined();
  });

  it('that are no values of their type are refused', () => {
    expect(said(move(`${NET} { option ntp-servers 10.1.0; }`), 'refused')).toEqual([
      'conf:1 option ntp-servers',
    ]);
  });

  it('count where they are nearest, wherever they stand', () => {
    const moved = move(`${NET} { option domain-name "near.example"; }\noption domain-name "far.example";`);
    expect(moved.site.subnets![0]!.domain).toBe('near.example');
  });
});

describe('text that is no configuration', () => {
  it.each([
    ['host a {', 1, 1, 'is never closed'],
    ['}', 1, 1, 'one } more'],
    ['option domain-name "x\n";', 1, 20, 'has no end'],
    ['\n  range 10.1.0.1 10.1.0.9', 2, 3, 'semicolon'],
    ['a {\n b }', 2, 4, 'semicolon'],
    ['include "gone";', 1, 1, 'gone'],
    ['§', 1, 1, 'no meaning'],
  ])('%j', (text, line, column, words) => {
    expect(() => move(text)).toThrow(
      expect.objectContaining({
        code: 'IMPORT_UNREADABLE',
        problems: [
          expect.objectContaining({ file: 'conf', line, column, message: expect.stringContaining(words) }),
        ],
      }),
    );
  });
});
