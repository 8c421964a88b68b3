import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutlinedHost } from '../../dhcp-config/outline.ts';
import { formatIpv4 } from '../../net/ip.ts';
import { formatMac } from '../../net/mac.ts';
import { hostEntries, hostsFile, linesInOwn } from './hosts-file.ts';
import { leasesOf } from './leases.ts';

const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}[a-z]$/);
const host: fc.Arbitrary<OutlinedHost> = fc
  .record({
    name: fc.oneof(
      fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.')),
      fc.constantFrom('12h', '3600', 'infinite', 'ignore'),
    ),
    mac: fc.uint8Array({ minLength: 6, maxLength: 6 }).map((bytes) => formatMac(bytes)),
    ip: fc.nat(0xffffffff).map(formatIpv4),
    isOwn: fc.boolean(),
  })
  .map(({ name, mac, ip, isOwn }) => ({
    ...{ name, mac, ip },
    ...(isOwn && { own: { loader: 'None', rules: [], all: [] } as const }),
  }));
const hosts = fc.uniqueArray(host, { selector: ({ name }) => name, maxLength: 20 });

describe('the file in dhcp-hostsdir', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(hosts, (all) => {
        const written = hostEntries({ hosts: all });
        const { entries, reservations, strays } = linesInOwn(hostsFile(written.values()));
        expect(strays).toEqual([]);
        expect(entries).toEqual(written);
        expect(reservations).toEqual(all.map(({ name, mac, ip }) => ({ name, mac, ip })));
      }),
    );
  });

  it('may have anything in it', () => {
    const line = fc.constantFrom(
      '52:54:00:00:00:01',
      '10.0.0.1',
      'set:a',
      'id:*',
      '"',
      '\\"',
      'a.lab',
      '[::1]',
      '',
    );
    const words = fc.array(fc.oneof(line, fc.string()), { maxLength: 5 }).map((all) => all.join(','));
    fc.assert(
      fc.property(fc.array(words, { maxLength: 5 }), (lines) => {
        const { entries, reservations, strays } = linesInOwn(lines.join('\n'));
        expect(entries.size + strays.length).toBeLessThanOrEqual(lines.join('\n').split('\n').length);
        expect(reservations.length).toBeLessThanOrEqual(entries.size);
      }),
    );
  });

  it('has one line for each host, and no other', () => {
    const { entries, strays } = linesInOwn(
      ['52:54:00:00:00:01,10.0.0.1,a', '52:54:00:00:00:02,10.0.0.2', '52:54:00:00:00:03,a', '"'].join('\n'),
    );
    expect([...entries.keys()]).toEqual(['a']);
    expect(strays).toEqual(['52:54:00:00:00:02,10.0.0.2', '52:54:00:00:00:03,a', '"']);
  });
});

describe('dnsmasq.leases', () => {
  it('has leases that end, leases that do not, and those of IPv6', () => {
    const text = [
      '1700000000 52:54:00:00:00:01 10.0.0.1 vm1 01:52:54:00:00:00:01',
      '0 52:54:00:00:00:02 10.0.0.2 * *',
      'duid 00:01:00:01:2d:5a',
      '1700000000 12345 2001:db8::1 vm1 00:01',
      '',
    ].join('\n');
    expect(leasesOf(text)).toEqual([
      { mac: '52:54:00:00:00:01', ip: '10.0.0.1', hostname: 'vm1', ends: 1_700_000_000_000 },
      { mac: '52:54:00:00:00:02', ip: '10.0.0.2' },
    ]);
  });

  it('may be anything', () => {
    fc.assert(fc.property(fc.string(), (text) => Array.isArray(leasesOf(text))));
  });
});
