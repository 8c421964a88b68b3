import { describe, expect, it } from 'vitest';
import { host, nic } from '../../test/fixtures.ts';
import { Overlay } from './overlay.ts';
import { SiteIndex } from './site.ts';
import type { Host, Interface } from './types.ts';

const A = '52:54:00:00:00:01';
const B = '52:54:00:00:00:02';
const C = '52:54:00:00:00:03';

/** The identifier of the interface that a MAC address stands for. */
function found(mac: string, interfaces: readonly Interface[]): string | undefined {
  const site = new SiteIndex();
  site.put('hosts', host({ interfaces }));
  return site.hostByMac(mac)?.nic.identifier;
}

const eth0 = nic({ identifier: 'eth0', mac: A });
const eth1 = nic({ identifier: 'eth1', mac: B });
const bond = nic({
  identifier: 'bond0',
  type: 'bond',
  mac: A,
  ip: '10.0.0.5',
  attached_devices: ['eth0', 'eth1'],
});

describe('the interface of a MAC address', () => {
  it.each<[string, string, readonly Interface[], string]>([
    ['is the one that has it', B, [eth0, eth1], 'eth1'],
    ['is the bond that has the address', A, [bond, eth0, eth1], 'bond0'],
    ['is the bond for all its members', B, [eth0, eth1, bond], 'bond0'],
    ['is a member with an address of its own', B, [{ ...eth1, ip: '10.0.0.6' }, bond, eth0], 'eth1'],
    ['is a member of a bond without address', B, [{ ...bond, ip: undefined }, eth0, eth1], 'eth1'],
    [
      'is not its VLAN',
      A,
      [nic({ identifier: 'eth0.7', mac: A, ip: '10.7.0.5', virtual: true }), eth0],
      'eth0',
    ],
    [
      'is a VLAN that nothing else is',
      C,
      [eth0, nic({ identifier: 'eth0.7', mac: C, virtual: true })],
      'eth0.7',
    ],
    [
      'is the bridge of an interface',
      A,
      [eth0, nic({ identifier: 'br0', type: 'bridge', ip: '10.0.0.7', attached_devices: ['eth0'] })],
      'br0',
    ],
  ])('%s', (_what, mac, interfaces, identifier) => {
    expect(found(mac, interfaces)).toBe(identifier);
  });

  it('is forgotten with its host', () => {
    const site = new SiteIndex();
    const bonded = host({ interfaces: [bond, eth0, eth1] });
    site.put('hosts', bonded);
    site.put('hosts', { ...bonded, interfaces: [eth0] });
    expect(site.hostByMac(B)).toBeUndefined();
    expect(site.hostByIp('10.0.0.5')).toBeUndefined();
    site.remove('hosts', bonded.id);
    expect(site.hostByMac(A)).toBeUndefined();
  });
});

it('a host that hands its name, MAC, address and token to another does not take them away again', () => {
  const site = new SiteIndex();
  site.addressesInUse('IPv4');
  const token = { value: '5c5d4b1e-0000-4000-8000-000000000001' };
  const put = (id: number, name: string, mac: string, ip: string, given: Partial<Host> = {}) =>
    site.put('hosts', host({ id, name, interfaces: [nic({ mac, ip })], ...given }));
  put(1, 'a.example.com', A, '192.0.2.1', { token });
  put(2, 'b.example.com', B, '192.0.2.2');
  put(2, 'a.example.com', A, '192.0.2.1', { token });
  put(1, 'c.example.com', C, '192.0.2.3');
  expect(site.get('hosts', 'a.example.com')?.id).toBe(2);
  expect(site.hostByMac(A)?.host.id).toBe(2);
  expect(site.hostByIp('192.0.2.1')?.host.id).toBe(2);
  expect(site.hostByToken(token.value)?.id).toBe(2);
  expect(site.addressesInUse('IPv4').has(0xc0000201n)).toBe(true);
  expect(site.addressesInUse('IPv4').has(0xc0000202n)).toBe(false);
});

describe('an access token', () => {
  const token = (id: number, name: string, hash: string) => ({ id, name, user: 'ann', hash, created_at: 0 });

  it('is found by its hash, as long as it has that', () => {
    const site = new SiteIndex();
    site.put('personal_access_tokens', token(1, 'ci', 'aa'));
    site.put('personal_access_tokens', token(2, 'cd', 'bb'));
    expect(site.accessToken('bb')?.name).toBe('cd');
    site.put('personal_access_tokens', token(2, 'cd', 'cc'));
    expect([site.accessToken('bb'), site.accessToken('cc')?.id]).toEqual([undefined, 2]);
    site.remove('personal_access_tokens', 1);
    expect(site.accessToken('aa')).toBeUndefined();
  });

  it('is found on top of another site, unless it is gone there', () => {
    const site = new SiteIndex();
    site.put('personal_access_tokens', token(1, 'ci', 'aa'));
    const overlay = new Overlay(site);
    overlay.put('personal_access_tokens', token(2, 'cd', 'bb'));
    expect([overlay.accessToken('aa')?.id, overlay.accessToken('bb')?.id]).toEqual([1, 2]);
    overlay.remove('personal_access_tokens', 1);
    expect(overlay.accessToken('aa')).toBeUndefined();
  });
});
