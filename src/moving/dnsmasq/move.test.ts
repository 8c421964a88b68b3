import { describe, expect, it } from 'vitest';
import { example, filesIn, said } from '../../../test/moving-examples.ts';
import { parseCidr } from '../../net/cidr.ts';
import { filesOf } from '../files.ts';
import type { Moved } from '../moved.ts';
import { type DnsmasqContext, moveDnsmasq } from './move.ts';

const NOWHERE: DnsmasqContext = { links: [] };

function move(text: string, files: Readonly<Record<string, string>> = {}, context = NOWHERE): Moved {
  return moveDnsmasq(text, 'conf', filesOf(files), context);
}

const RANGE = 'dhcp-range=10.1.0.100,10.1.0.199,255.255.255.0,12h\ndhcp-option=3\ndhcp-option=6\n';

describe('an office', () => {
  const moved = moveDnsmasq(example('dnsmasq/dnsmasq.conf'), 'dnsmasq.conf', filesIn('dnsmasq'), NOWHERE);

  it('has its subnets, each with the options of its tag', () => {
    expect(moved.site.subnets).toEqual([
      {
        name: '10.64.0.0-24',
        network: '10.64.0.0/24',
        gateway: '10.64.0.254',
        dns_primary: '10.64.0.1',
        domain: 'office.example.com',
        from: '10.64.0.100',
        to: '10.64.0.199',
        authoritative: true,
        lease_time: 43_200,
        dhcp_options: {
          35: '00:00:01:2c',
          208: 'f1:00:74:7e',
          252: expect.stringMatching(/^68:74:74:70:/),
          'ntp-servers': '10.64.0.1',
          'domain-search': ['office.example.com', 'example.com'],
          'classless-static-routes': ['10.70.0.0/16 via 10.64.0.253', '0.0.0.0/0 via 10.64.0.254'],
          'ip-forwarding': false,
          'reboot-time': 30,
        },
      },
      expect.objectContaining({
        network: '10.65.0.0/24',
        gateway: '10.65.0.1',
        dns_primary: '192.0.2.1',
        dns_secondary: '192.0.2.2',
        domain: 'guests.example.com',
        lease_time: 2700,
      }),
      expect.objectContaining({ network: '10.66.0.0/24', lease_time: 3600 }),
      { name: '2001:db8:64::-64', network: '2001:db8:64::/64', boot_mode: 'Static' },
    ]);
    expect(moved.site.subnets![2]).not.toHaveProperty('from');
  });

  it('has its hosts, with what other files say of them', () => {
    expect(moved.site.hostgroups).toEqual([
      { name: 'phones', dhcp_options: { 'tftp-server-address': '10.64.0.9' } },
    ]);
    expect(moved.site.hosts).toEqual([
      { name: 'web1', mac: '52:54:00:64:00:01', ip: '10.64.0.11' },
      {
        name: 'laptop',
        interfaces: [
          { identifier: 'eth0', mac: '52:54:00:64:00:02', ip: '10.64.0.12' },
          { identifier: 'eth1', mac: '52:54:00:64:00:12' },
        ],
      },
      { name: 'mac525400640003', hostgroup: 'phones', mac: '52:54:00:64:00:03', ip: '10.64.0.13' },
      { name: 'phone4', hostgroup: 'phones', mac: '52:54:00:64:00:04' },
      { name: 'printer', mac: '52:54:00:64:00:05', ip: '10.64.0.15', ip6: '2001:db8:64::15' },
      { name: 'mailer', mac: '52:54:00:64:00:06', ip: '10.64.0.16' },
      { name: 'room-1', mac: '52:54:00:65:00:01', ip: '10.65.0.11' },
      { name: 'room-2', mac: '52:54:00:65:00:02', ip: '10.65.0.12' },
    ]);
  });

  it('leaves the recipe of iPXE out, and says what somebody has to look at', () => {
    expect(said(moved, 'refused')).toEqual([]);
    expect(said(moved, 'left')).toEqual(
      expect.arrayContaining([
        'dnsmasq.conf:43 dhcp-boot tag:!ipxe,undionly.kpxe',
        'dnsmasq.conf:45 dhcp-boot tag:ipxe,http://10.64.0.1/boot.php',
      ]),
    );
    expect(said(moved, 'human').map((line) => line.split(' ')[0])).toEqual(
      [10, 19, 31, 38, 49, 52, 53, 57, 58].map((line) => `dnsmasq.conf:${line}`),
    );
  });
});

describe('ranges', () => {
  const subnet = (range: string, context = NOWHERE) =>
    move(`dhcp-range=${range}`, {}, context).site.subnets?.[0];

  it.each([
    ['10.1.0.100,10.1.0.199', { network: '10.1.0.0/24', from: '10.1.0.100', lease_time: 3600 }],
    ['10.1.0.100,10.1.0.199,infinite', { lease_time: 0xffffffff }],
    ['set:a,10.1.0.100,10.1.0.199,255.255.254.0,90', { network: '10.1.0.0/23', lease_time: 90 }],
    ['net:a,10.1.0.100,10.1.0.199,1d', { lease_time: 86_400 }],
  ])('%s', (range, expected) => expect(subnet(range)).toMatchObject(expected));

  it('without a netmask have that of the link', () => {
    const context = { links: [parseCidr('10.1.0.0/16')!] };
    expect(subnet('10.1.2.100,10.1.2.199', context)).toMatchObject({ network: '10.1.0.0/16' });
  });

  it('of one network are one pool', () => {
    const moved = move(
      'dhcp-range=10.1.0.10,10.1.0.19,255.255.255.0\ndhcp-range=10.1.0.20,10.1.0.29,255.255.255.0',
    );
    expect(moved.site.subnets).toMatchObject([{ from: '10.1.0.10', to: '10.1.0.29' }]);
  });

  it('announce the machine that dnsmasq runs on, if it is known', () => {
    const range = 'dhcp-range=10.1.0.10,10.1.0.19,255.255.255.0';
    expect(move(range).site.subnets![0]).not.toHaveProperty('gateway');
    expect(said(move(range), 'human')).toEqual(['conf:1 dhcp-range 10.1.0.10,10.1.0.19,255.255.255.0']);
    const known = move(range, {}, { links: [], self: '10.1.0.1' });
    expect(known.site.subnets![0]).toMatchObject({ gateway: '10.1.0.1', dns_primary: '10.1.0.1' });
    expect(said(known, 'human')).toEqual([]);
  });

  it('outside of their network are refused', () => {
    const moved = move('dhcp-range=10.1.0.10,10.2.0.19,255.255.255.0');
    expect(said(moved, 'refused')).toEqual(['conf:1 range 10.1.0.10 - 10.2.0.19']);
  });
});

describe('hosts', () => {
  const host = (line: string) => move(`${RANGE}dhcp-host=${line}`).site.hosts?.[0];

  it.each([
    ['11:22:33:44:55:66,10.1.0.60', { name: 'mac112233445566', ip: '10.1.0.60' }],
    ['11:22:33:44:55:66,fred', { name: 'fred', mac: '11:22:33:44:55:66' }],
    ['1-11:22:33:44:55:66,fred,10.1.0.60,45m', { name: 'fred', ip: '10.1.0.60', mac: '11:22:33:44:55:66' }],
    ['fred.example.com,11-22-33-44-55-66', { name: 'fred.example.com' }],
    ['id:01:11:22:33:44:55:66,fred', { mac: '11:22:33:44:55:66' }],
  ])('%s', (line, expected) => expect(host(line)).toMatchObject(expected));

  it.each([
    'bert,10.1.0.70,infinite',
    'id:marjorie,10.1.0.60',
    'judge',
    '11:22:33:44:55:66,fr_ed',
    '11:22:33:44:55:66,fred,10.9.0.60',
  ])('%s is refused', (line) =>
    expect(said(move(`${RANGE}dhcp-host=${line}`), 'refused')).toEqual([`conf:4 dhcp-host ${line}`]),
  );

  it('without a MAC address have that of /etc/ethers', () => {
    const ethers = '# cards\n11:22:33:44:55:66 bert\n11:22:33:44:55:77 10.1.0.71\n';
    const moved = move(`${RANGE}read-ethers\ndhcp-host=bert,10.1.0.70`, { '/etc/ethers': ethers });
    expect(moved.site.hosts).toEqual([
      { name: 'bert', mac: '11:22:33:44:55:66', ip: '10.1.0.70' },
      { name: 'mac112233445577', mac: '11:22:33:44:55:77', ip: '10.1.0.71' },
    ]);
  });

  it('without an address have that of /etc/hosts, unless that is not read', () => {
    const files = { '/etc/hosts': '127.0.0.1 localhost\n10.1.0.80 Fred fred.example.com\n' };
    const line = `${RANGE}dhcp-host=11:22:33:44:55:66,fred`;
    expect(move(line, files).site.hosts).toMatchObject([{ ip: '10.1.0.80' }]);
    expect(move(`${line}\nno-hosts`, files).site.hosts![0]).not.toHaveProperty('ip');
  });
});

describe('files that it names', () => {
  it('of a directory are those with the right end', () => {
    const files = {
      'd/a.conf': 'dhcp-host=11:22:33:44:55:01,a',
      'd/b.bak': 'dhcp-host=11:22:33:44:55:02,b',
      'd/c.conf~': 'dhcp-host=11:22:33:44:55:03,c',
    };
    const names = (line: string) => move(line, files).site.hosts!.map(({ name }) => name);
    expect(names('conf-dir=d,*.conf')).toEqual(['a']);
    expect(names('conf-dir=d,.bak')).toEqual(['a']);
    expect(names('conf-dir=d/')).toEqual(['a', 'b']);
  });

  it('may hold options', () => {
    const moved = move(`${RANGE}dhcp-optsfile=o`, { o: 'option:ntp-server,10.1.0.5\n' });
    expect(moved.site.subnets![0]!.dhcp_options).toEqual({ 'ntp-servers': '10.1.0.5' });
  });
});

describe('text that is no configuration', () => {
  it.each([
    ['dhcp-range 10.1.0.1', 1, 1],
    ['\n  dhcp-host="x', 2, 3],
    ['conf-file=gone', 1, 1],
    ['conf-dir=gone', 1, 1],
  ])('%j', (text, line, column) => {
    expect(() => move(text)).toThrow(
      expect.objectContaining({
        code: 'IMPORT_UNREADABLE',
        problems: [expect.objectContaining({ file: 'conf', line, column })],
      }),
    );
  });
});
