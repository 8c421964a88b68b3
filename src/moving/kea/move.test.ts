import { describe, expect, it } from 'vitest';
import { example, filesIn, said } from '../../../test/moving-examples.ts';
import { filesOf } from '../files.ts';
import type { Moved } from '../moved.ts';
import { moveKea } from './move.ts';

function move(config: object): Moved {
  return moveKea(JSON.stringify(config), 'conf', filesOf({}));
}

const SUBNET = { subnet: '10.1.0.0/24' };
const MAC = '52:54:00:00:00:01';

describe('a lab', () => {
  const moved = moveKea(example('kea/kea-dhcp4.conf'), 'kea.conf', filesIn('kea'));

  it('has its subnets, with what is said around them', () => {
    const [racks, floor, phones] = moved.site.subnets!;
    expect(racks).toEqual({
      name: '10.67.0.0-24',
      network: '10.67.0.0/24',
      description: 'the racks',
      gateway: '10.67.0.1',
      dns_primary: '10.67.0.2',
      dns_secondary: '10.67.0.3',
      domain: 'lab.example.com',
      from: '10.67.0.100',
      to: '10.67.0.149',
      authoritative: true,
      lease_time: 7200,
      dhcp_options: {
        23: '40',
        224: '00:01:00:02',
        252: Buffer.from('http://wpad.example.com/a,b.dat')
          .toString('hex')
          .replace(/..(?!$)/g, '$&:'),
        'domain-search': ['lab.example.com', 'example.com'],
        'classless-static-routes': ['10.70.0.0/16 via 10.67.0.254', '0.0.0.0/0 via 10.67.0.1'],
      },
    });
    expect(floor).toMatchObject({
      gateway: '10.68.0.1',
      shared_network: 'floor',
      lease_time: 600,
      dhcp_options: { 'ntp-servers': '10.68.0.5' },
    });
    expect(phones).not.toHaveProperty('from');
  });

  it('has its reservations, and classes that they name as hostgroups', () => {
    expect(moved.site.hostgroups).toEqual([
      { name: 'storage', pxe_loader: 'Grub2 UEFI SecureBoot', dhcp_options: { 'interface-mtu': 9000 } },
    ]);
    expect(moved.site.hosts).toEqual([
      { name: 'everywhere.lab.example.com', mac: '52:54:00:67:00:01' },
      { name: 'web1.lab.example.com', mac: '52:54:00:67:00:11', ip: '10.67.0.11' },
      { name: 'web2', mac: '52:54:00:67:00:12', ip: '10.67.0.12' },
      { name: 'mac525400670013', mac: '52:54:00:67:00:13', ip: '10.67.0.13' },
      {
        name: 'store',
        hostgroup: 'storage',
        dhcp_options: { 'root-path': '/srv' },
        mac: '52:54:00:67:00:14',
        ip: '10.67.0.14',
      },
      { name: 'old', pxe_loader: 'PXELinux BIOS', mac: '52:54:00:67:00:15', ip: '10.67.0.15' },
    ]);
  });

  it('knows the place of everything, also in included files', () => {
    expect(said(moved, 'refused')).toEqual([]);
    expect(said(moved, 'left')).toEqual(
      expect.arrayContaining(['kea.conf:27 class ipxe', 'kea.conf:31 class uefi']),
    );
    expect(said(moved, 'human').map((line) => line.split(' ')[0])).toEqual([
      'kea.conf:35',
      'kea.conf:51',
      'kea.conf:66',
      'reservations.json:5',
      'reservations.json:5',
    ]);
  });
});

describe('reservations', () => {
  const refused = (...reservations: readonly object[]) =>
    said(move({ Dhcp4: { subnet4: [{ ...SUBNET, reservations }] } }), 'refused');

  it.each([
    [[{ 'flex-id': "'x'", 'ip-address': '10.1.0.9' }]],
    [[{ 'client-id': '01:02:03', hostname: 'a' }]],
    [[{ 'hw-address': MAC, hostname: 'a_b' }]],
    [[{ 'hw-address': MAC, hostname: 'a', 'ip-address': '10.9.0.9' }]],
    [
      [
        { 'hw-address': MAC, hostname: 'a' },
        { 'hw-address': MAC, hostname: 'b' },
      ],
    ],
  ])('%j: one is refused', (reservations) => expect(refused(...reservations)).toHaveLength(1));

  it('tell what they have besides', () => {
    const reservations = [
      { 'hw-address': MAC, hostname: 'a', 'user-context': { comment: 'rack 7' }, 'next-server': '10.1.0.2' },
    ];
    const moved = move({ Dhcp4: { subnet4: [{ ...SUBNET, reservations }] } });
    expect(moved.site.hosts).toEqual([{ name: 'a', mac: MAC, comment: 'rack 7' }]);
    expect(said(moved, 'left')).toEqual([`conf:1 reservation a, hw-address ${MAC}: next-server`]);
  });

  it('of DHCPv6 belong to the hosts of DHCPv4', () => {
    const moved = move({
      Dhcp4: {
        subnet4: [
          { ...SUBNET, reservations: [{ 'hw-address': MAC, 'ip-address': '10.1.0.9', hostname: 'a' }] },
        ],
      },
      Dhcp6: {
        subnet6: [
          {
            subnet: '2001:db8:1::/64',
            'option-data': [{ name: 'dns-servers', data: '2001:db8::53, 2001:db8::54' }],
            reservations: [
              { duid: '00:01:00:01:2a:2b:2c:2d:52:54:00:00:00:01', 'ip-addresses': ['2001:DB8:1::9'] },
              { 'hw-address': '52:54:00:00:00:02', 'ip-addresses': ['2001:db8:1::a'], hostname: 'b' },
            ],
          },
        ],
      },
    });
    expect(moved.site.hosts).toEqual([
      { name: 'a', mac: MAC, ip: '10.1.0.9', ip6: '2001:db8:1::9' },
      { name: 'b', mac: '52:54:00:00:00:02', ip6: '2001:db8:1::a' },
    ]);
    expect(moved.site.subnets![1]).toMatchObject({
      network: '2001:db8:1::/64',
      dns_primary: '2001:db8::53',
      dns_secondary: '2001:db8::54',
    });
  });
});

describe('text that is no configuration', () => {
  it.each([
    ['', 1, 1],
    ['{"a": 1}', 1, 1],
    ['{"Dhcp4": {"a" 1}}', 1, 16],
    ['{"Dhcp4": {\n "a": [1 2]}}', 2, 10],
    ['{"Dhcp4": {"a": yes}}', 1, 17],
    ['{"Dhcp4": {"a": "b}}', 1, 17],
    ['{"Dhcp4": {"a": "\\q"}}', 1, 17],
    ['{"Dhcp4": {}} }', 1, 15],
    ['{"Dhcp4": <?include "gone"?>}', 1, 11],
  ])('%j', (text, line, column) => {
    expect(() => moveKea(text, 'conf', filesOf({}))).toThrow(
      expect.objectContaining({
        code: 'IMPORT_UNREADABLE',
        problems: [expect.objectContaining({ file: 'conf', line, column })],
      }),
    );
  });
});
