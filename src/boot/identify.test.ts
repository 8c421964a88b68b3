import { describe, expect, it } from 'vitest';
import { host, NOW, nic, site, TOKEN } from '../../test/fixtures.ts';
import { type Claims, identify } from './identify.ts';

const MAC = '52:54:00:77:00:10';
const OTHER_NIC = '52:54:00:77:00:11';
const STRANGER = '52:54:00:99:00:99';
const other = host({
  id: 2,
  name: 'db01.example.org',
  token: { value: 'other' },
  interfaces: [nic({ mac: '52:54:00:77:00:20' })],
});

function ask(
  claims: Partial<Claims>,
  leased?: string,
  options: { acceptExpired?: boolean; now?: number } = {},
) {
  const full = { address: '10.77.0.50', macs: [], ...claims };
  const leases = (address: string) => (address === full.address ? leased : undefined);
  return identify(full, site([host(), other]), leases, {
    now: options.now ?? NOW,
    acceptExpired: options.acceptExpired ?? false,
  });
}

describe('identify', () => {
  it.each([
    [
      'the token before anything else',
      { token: TOKEN, macs: ['52:54:00:77:00:20'] },
      '52:54:00:77:00:20',
      'by-token',
    ],
    ['a reported MAC that holds the lease', { macs: [MAC] }, MAC, 'by-mac-checked'],
    [
      'a reported MAC where no lease is known',
      { macs: [MAC], address: '10.9.9.9' },
      undefined,
      'by-mac-reported',
    ],
    ['another NIC of the same host', { macs: [OTHER_NIC] }, MAC, 'by-mac-other-nic'],
    ['the lease, when nothing is reported', { address: '10.77.0.123' }, MAC, 'by-lease'],
    ['the lease, when the reported NIC is unknown', { macs: [STRANGER] }, MAC, 'by-lease'],
    ['the declared address last', {}, undefined, 'by-address'],
  ] as const)('believes %s', (_what, claims, leased, code) => {
    expect(ask(claims, leased)).toMatchObject({
      kind: 'host',
      host: { name: 'web01.example.org' },
      because: { code },
    });
  });

  it('refuses a MAC that another machine’s lease contradicts', () => {
    expect(ask({ macs: [MAC] }, '52:54:00:77:00:20')).toMatchObject({
      kind: 'refused',
      code: 'HOST_MAC_CONFLICT',
    });
    expect(ask({ macs: [MAC] }, STRANGER)).toMatchObject({ kind: 'refused', code: 'HOST_MAC_CONFLICT' });
  });

  it('says that a token has expired, except to a report', () => {
    const late = { now: NOW + 3_600_001 };
    expect(ask({ token: TOKEN }, MAC, late)).toMatchObject({
      kind: 'refused',
      code: 'TOKEN_EXPIRED',
      mac: MAC,
    });
    expect(ask({ token: TOKEN }, MAC, { ...late, acceptExpired: true })).toMatchObject({ kind: 'host' });
  });

  it('goes on by other evidence when the token is nobody’s, and says so when there is none', () => {
    expect(ask({ token: 'gone' }, MAC)).toMatchObject({ kind: 'host', because: { code: 'by-lease' } });
    expect(ask({ token: 'gone', address: '10.9.9.9' })).toMatchObject({
      kind: 'refused',
      code: 'TOKEN_UNKNOWN',
    });
  });

  it('never trusts the declared address of a machine whose lease belongs to a stranger', () => {
    expect(ask({}, STRANGER)).toMatchObject({ kind: 'unknown', mac: STRANGER });
  });
});
