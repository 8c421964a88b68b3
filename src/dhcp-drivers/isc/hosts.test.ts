import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDhcpd } from '../../moving/dhcpd/parser.ts';
import { filesOf } from '../../moving/files.ts';
import { archOf } from '../../net/arch.ts';
import { declaredName, hostsIn, leasesIn, ownName, statementsFor, subnetsIn, wholePart } from './hosts.ts';
import { keyIn } from './key.ts';

const parse = (text: string) => parseDhcpd(text, 'conf', filesOf({}));
const VM = { name: 'vm1.lab', mac: '52:54:00:00:00:01', ip: '10.0.0.1' };

describe('hosts', () => {
  it('are found wherever they stand, the last of a name counts, and deleted ones have no reservation', () => {
    const text = `subnet 10.0.0.0 netmask 255.255.255.0 { group { host a { hardware ethernet 8:0:2B:4c:39:ad; } } }
      host b { dynamic; hardware ethernet 52:54:00:00:00:02; fixed-address 10.0.0.2, 10.1.0.2; }
      host c { dynamic; hardware ethernet 52:54:00:00:00:03; }
      host c { dynamic; deleted; }
      host d { hardware token-ring 52:54:00:00:00:04; }`;
    const found = [...hostsIn(parse(text)).values()];
    expect(found.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
    expect(found.flatMap(({ reservations }) => reservations)).toEqual([
      { name: 'a', mac: '08:00:2b:4c:39:ad' },
      { name: 'b', mac: '52:54:00:00:00:02', ip: '10.0.0.2' },
      { name: 'b', mac: '52:54:00:00:00:02', ip: '10.1.0.2' },
    ]);
    expect(subnetsIn(parse(text))).toEqual([{ network: 0x0a000000, prefix: 24 }]);
  });

  it('of ours are known by a name that changes with what they boot', () => {
    const rules = [{ arches: [archOf(0)], file: 'pxelinux.0', http: false }];
    const own = { ...VM, own: { loader: 'PXELinux BIOS', rules, all: rules } } as const;
    expect(declaredName(VM)).toBe('chainboot-0-vm1.lab');
    expect(ownName(declaredName(own))).toMatchObject({ name: 'vm1.lab' });
    expect(declaredName(own)).not.toBe(declaredName(VM));
    for (const other of ['printer', 'chainboot-vm1', 'my-chainboot-0-x'])
      expect(ownName(other)).toBeUndefined();
    // dhcpd loses parentheses.
    expect(statementsFor(own)).not.toMatch(/[()]| and | or /);
  });
});

it('leases are those in use, the last of an address', () => {
  const lease = (ip: string, ends: string, state = 'active') =>
    `lease ${ip} { starts 1 2026/11/23 12:00:00; ends ${ends}; binding state ${state};
       next binding state free; hardware ethernet 52:54:00:00:00:01; uid "\\001RT"; client-hostname "x"; }\n`;
  const text = [
    lease('10.0.0.1', '1 2026/11/23 12:10:00'),
    lease('10.0.0.1', '1 2026/11/23 12:20:00'),
    lease('10.0.0.2', '1 2026/11/23 12:20:00'),
    lease('10.0.0.2', '1 2026/11/23 12:20:00', 'free'),
    lease('10.0.0.3', 'never'),
    lease('10.0.0.4', 'epoch 1795436400'),
  ].join('');
  const common = { mac: '52:54:00:00:00:01', hostname: 'x' };
  expect(leasesIn(parse(text))).toEqual([
    { ...common, ip: '10.0.0.1', ends: Date.UTC(2026, 10, 23, 12, 20) },
    { ...common, ip: '10.0.0.3' },
    { ...common, ip: '10.0.0.4', ends: 1_795_436_400_000 },
  ]);
});

it('a file that is being written is read up to the last entry that is whole', () => {
  const entry = 'host a {\n  dynamic;\n  hardware ethernet 52:54:00:00:00:01;\n}\n';
  fc.assert(
    fc.property(fc.nat(entry.length - 1), (at) => {
      expect(hostsIn(parse(wholePart(entry + entry.replace('host a', 'host b').slice(0, at)))).size).toBe(1);
    }),
  );
});

describe('a key', () => {
  it('is read as dhcpd reads it, in quotes or without', () => {
    for (const secret of ['"c2Vj+/=="', 'c2Vj+/=='])
      expect(keyIn(`key "k" { algorithm HMAC-SHA256; secret ${secret}; };`, 'f')).toEqual({
        name: 'k',
        algorithm: 'hmac-sha256',
        secret: Buffer.from('c2Vj+/==', 'base64'),
      });
  });

  it.each(['', 'key k { algorithm des; secret "eA=="; };', 'key k { algorithm hmac-md5; };'])(
    '%j is none',
    (text) => {
      expect(() => keyIn(text, 'f')).toThrow(expect.objectContaining({ code: 'CONFIG_UNREADABLE' }));
    },
  );
});
