import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answeredLease, leaseFile, memfileLeases } from './leases.ts';

const HEAD =
  'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context';
const row = (ip: string, mac: string, lifetime: number, expire: number, name = '', state = 0) =>
  `${ip},${mac},01:${mac},${lifetime},${expire},7,0,0,${name},${state},\n`;
const [A, B] = ['52:54:00:00:00:0a', '52:54:00:00:00:0b'];

describe('leases in files', () => {
  it('are the last lines for their addresses, of the newest file', () => {
    const old = `${HEAD}\n${row('10.0.0.1', A, 60, 1000, 'old')}${row('10.0.0.2', B, 60, 1000)}`;
    const current = [
      `${HEAD}\n`,
      row('10.0.0.1', A, 60, 2000, 'a&#x2cb'),
      row('10.0.0.2', B, 0, 2000),
      row('10.0.0.3', A, 4294967295, 0),
      row('10.0.0.4', B, 60, 2000, '', 1),
      row('10.0.0.5', '', 60, 2000),
      '10.0.0.6,52:54:00:00',
    ].join('');
    expect(memfileLeases([old, current])).toEqual([
      { mac: A, ip: '10.0.0.1', hostname: 'a,b', ends: 2_000_000 },
      { mac: A, ip: '10.0.0.3' },
    ]);
    expect(memfileLeases([current, old])).toContainEqual({ mac: B, ip: '10.0.0.2', ends: 1_000_000 });
  });

  it('of any text never throw', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(memfileLeases([text, `${HEAD}\n${text}\n`])).toBeInstanceOf(Array);
      }),
    );
  });

  it('are where the configuration says', () => {
    expect(leaseFile({})).toBe('/var/lib/kea/kea-leases4.csv');
    expect(leaseFile({ 'lease-database': { type: 'memfile', name: '/x' } })).toBe('/x');
    expect(leaseFile({ 'lease-database': { type: 'memfile', persist: false } })).toBeUndefined();
    expect(leaseFile({ 'lease-database': { type: 'mysql' } })).toBeUndefined();
  });
});

it('leases that the hook tells end a lifetime after they were last asked for', () => {
  const lease = { 'hw-address': A, 'ip-address': '10.0.0.1', cltt: 1000, 'valid-lft': 60, state: 0 };
  expect(answeredLease({ ...lease, hostname: 'a' })).toEqual({
    mac: A,
    ip: '10.0.0.1',
    hostname: 'a',
    ends: 1_060_000,
  });
  expect(answeredLease({ ...lease, 'valid-lft': 4294967295 })).toEqual({ mac: A, ip: '10.0.0.1' });
  expect(answeredLease({ ...lease, state: 1 })).toBeUndefined();
});
