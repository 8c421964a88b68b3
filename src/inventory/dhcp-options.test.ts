import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DHCP_OPTIONS, type DhcpOptionValue, encodeDhcpOption, OPTION_NAMES } from './dhcp-options.ts';

function bytes(name: string, value: DhcpOptionValue): readonly [number, string] {
  const encoded = encodeDhcpOption(name, value);
  if (!('code' in encoded)) throw new Error(encoded.message);
  return [encoded.code, Buffer.from(encoded.value).toString('hex')];
}

describe('options by name', () => {
  it('are in docs/site-file.md, each with its code and value', () => {
    const docs = readFileSync(new URL('../../docs/site-file.md', import.meta.url), 'utf8');
    const rows = DHCP_OPTIONS.map(([name, code, { takes }]) => `| \`${name}\` | ${code} | ${takes} |`);
    const [, table = ''] = /\| option \| code \| value \|\n.*\n((?:\|.*\n)*)/.exec(docs) ?? [];
    expect(table.trimEnd().split('\n')).toEqual(rows);
  });

  it.each<[string, DhcpOptionValue, number, string]>([
    ['ntp-servers', '192.0.2.1', 42, 'c0000201'],
    ['ntp-servers', ['192.0.2.1', '192.0.2.2'], 42, 'c0000201c0000202'],
    ['broadcast-address', '192.0.2.255', 28, 'c00002ff'],
    ['captive-portal', 'https://a/', 114, '68747470733a2f2f612f'],
    ['netbios-node-type', 8, 46, '08'],
    ['interface-mtu', 9000, 26, '2328'],
    ['time-offset', 3600, 2, '00000e10'],
    ['time-offset', -18_000, 2, 'ffffb9b0'],
    ['ip-forwarding', false, 19, '00'],
    ['vendor-encapsulated-options', '06:01:08', 43, '060108'],
    ['252', '0x61', 252, '61'],
    // RFC 3442, the table of section 2.
    ['classless-static-routes', '0.0.0.0/0 via 192.0.2.1', 121, '00c0000201'],
    ['classless-static-routes', 'default via 192.0.2.1', 121, '00c0000201'],
    ['classless-static-routes', '10.0.0.0/8 via 192.0.2.1', 121, '080ac0000201'],
    [
      'classless-static-routes',
      ['10.17.0.0/16 via 192.0.2.1', '10.27.129.0/24 via 192.0.2.2'],
      121,
      '100a11c0000201180a1b81c0000202',
    ],
    // RFC 3397 §2: the second name ends where the first does.
    [
      'domain-search',
      ['eng.apple.com.', 'marketing.apple.com.'],
      119,
      '03656e67056170706c6503636f6d00096d61726b6574696e67c004',
    ],
  ])('%s: %j', (name, value, code, hex) => {
    expect(bytes(name, value)).toEqual([code, hex]);
  });

  it.each<[string, DhcpOptionValue, RegExp]>([
    ['ntp-server', '192.0.2.1', /no DHCP option/],
    ['ntp-servers', 'time.example.com', /IPv4 addresses/],
    ['ntp-servers', [], /IPv4 addresses/],
    ['classless-static-routes', '10.0.0.1/8 via 192.0.2.1', /routes such as/],
    ['domain-search', 'a b', /domain names/],
    ['252', 'zz', /hex/],
    // What YAML makes of 0x1234 and 001122 without quotes.
    ['252', 0x1234, /in quotes/],
    ['252', 1122, /in quotes/],
    ['time-offset', -(2 ** 31), /seconds/],
    ['interface-mtu', 70_000, /65535/],
    ['53', '01', /the exchange itself/],
    ['300', '01', /no DHCP option/],
  ])('%s: %j is refused', (name, value, message) => {
    expect(encodeDhcpOption(name, value)).toMatchObject({ message: expect.stringMatching(message) });
  });

  it('suggests the option that was meant', () => {
    expect(encodeDhcpOption('ntp-server', '')).toMatchObject({ suggestion: 'did you mean "ntp-servers"?' });
  });

  it('makes bytes or a fault of whatever is declared', () => {
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.array(fc.oneof(fc.string(), fc.integer())),
    );
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...OPTION_NAMES), fc.string()), value, (name, declared) => {
        const encoded = encodeDhcpOption(name, declared);
        expect('code' in encoded ? encoded.value.length > 0 : encoded.message !== '').toBe(true);
      }),
    );
  });
});
