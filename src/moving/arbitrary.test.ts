/** Whatever the text: a site that site files could say, or IMPORT_UNREADABLE with its place. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChainbootError } from '../errors.ts';
import { SITE_SCHEMA } from '../inventory/schema.ts';
import { moveCobbler } from './cobbler/move.ts';
import { moveDhcpd } from './dhcpd/move.ts';
import { moveDnsmasq } from './dnsmasq/move.ts';
import { filesOf } from './files.ts';
import { moveKea } from './kea/move.ts';
import type { Moved } from './moved.ts';

type Source = {
  /** Below test/fixtures/moving. */
  readonly example: string;
  readonly words: readonly string[];
  readonly move: (text: string) => Moved;
};

const VALUES = [
  '10.1.0.0',
  '10.1.0.9',
  '10.1.0.20',
  '255.255.255.0',
  '52:54:00:00:00:01',
  '01:52:54:00:00:00:02',
  '2001:db8::1',
  'pxelinux.0',
  'http://x/y.ipxe',
  'web',
  'not a name',
  '300',
  '0',
  '-1',
  '4294967296',
  '0xff',
  '__proto__',
  'constructor',
];

const SOURCES: Readonly<Record<string, Source>> = {
  dhcpd: {
    example: 'dhcpd/dhcpd.conf',
    words: `subnet netmask pool range group host { { } } ; ; ; , = " "a" "\\001" # \n option host-name routers
      domain-name-servers domain-name domain-search unknown-99 code array of integer 8 text hardware ethernet
      fixed-address filename next-server class subclass match if else elsif exists default-lease-time dynamic
      deleted supersede server.filename include "x" shared-network authoritative not allow members lease`.split(
      /[ \t]+/,
    ),
    move: (text) => moveDhcpd(text, 'd', filesOf({ x: text }), () => ['10.1.0.7']),
  },
  dnsmasq: {
    example: 'dnsmasq/dnsmasq.conf',
    words: `\n \n \n dhcp-range= dhcp-host= dhcp-option= dhcp-boot= domain= dhcp-match= , , , : set:a tag:a
      tag:!a option:router option:ntp-server 3 6 121 252 static proxy 12h infinite ignore id:01:52:54:00:00:00:03
      [2001:db8::2] " \\ # conf-file=x conf-dir=y dhcp-hostsfile=x read-ethers listen-address= ::1 constructor:eth0
      64 255.255.255.0`.split(/[ \t]+/),
    move: (text) => moveDnsmasq(text, 'd', filesOf({ x: text, '/etc/ethers': text }), { links: [] }),
  },
  Kea: {
    example: 'kea/kea-dhcp4.conf',
    words:
      `{"Dhcp4":{ "subnet4":[{"subnet":"10.1.0.0/24", "pools":[{"pool":"10.1.0.2-10.1.0.9"}], "reservations":[
      {"hw-address":"52:54:00:00:00:01", "ip-address": "hostname": "option-data":[{"name": "code": "data": "space":
      "client-classes": "boot-file-name": "valid-lifetime": "shared-networks":[{ "Dhcp6":{ "subnet6":[ "duid":
      }] }] } ] , : true null 7 7e400 "routers" "domain-search" <?include"x"?> # // /* */ \n`.split(/[ \t]+/),
    move: (text) => moveKea(text, 'd', filesOf({ x: text })),
  },
  Cobbler: {
    example: 'cobbler/collections/systems/db1.json',
    words:
      `{"name":"web", "hostname": "interfaces":{ "eth0":{ "bond0.5":{ "mac_address": "ip_address": "netmask":
      "interface_type":"bond", "interface_master":"eth0", "profile": "parent": "distro": "kernel_options": "~" {} []
      "breed":"redhat", "breed":"debian", "os_version": "rhel9" "bookworm" "autoinstall_meta": "tree": "mtu": } } , :
      "management":true, "kernel":"/a/distro_mirror/b/c", "filename": "gateway": "comment":`.split(
        /[ \t\n]+/,
      ),
    move: (text) =>
      moveCobbler(
        'd',
        filesOf({
          'collections/distros/a.json': text,
          'collections/profiles/a.json': text,
          'collections/systems/a.json': text,
          'settings.yaml': text,
        }),
      ),
  },
};

describe.each(Object.entries(SOURCES))('%s', (_name, { example, words, move }) => {
  const quoted = VALUES.map((value) => JSON.stringify(value));
  const parts = fc.array(fc.constantFrom(...words, ...VALUES, ...quoted, ' '), { maxLength: 60 });
  const file = new URL(`../../test/fixtures/moving/${example}`, import.meta.url);
  const text = readFileSync(file, 'utf8').replace(/include|conf-(file|dir)/g, '#');
  /** An example in which words were taken for others. */
  const edited = fc
    .array(fc.tuple(fc.nat(text.length), fc.nat(12), fc.constantFrom('', ...words, ...VALUES, ...quoted)), {
      minLength: 1,
      maxLength: 6,
    })
    .map((edits) =>
      edits.reduce((old, [at, length, word]) => old.slice(0, at) + word + old.slice(at + length), text),
    );
  const swapped = fc
    .array(fc.tuple(fc.constantFrom(...(text.match(/[\w.:-]+/g) ?? [])), fc.constantFrom(...VALUES)), {
      minLength: 1,
      maxLength: 4,
    })
    .map((swaps) => swaps.reduce((old, [word, other]) => old.replaceAll(word, other), text));
  const anything = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    parts.map((all) => all.join(' ')),
    parts.map((all) => all.join('')),
    edited,
    swapped,
    swapped,
  );

  it('reads any text or says where it cannot', () => {
    fc.assert(
      fc.property(anything, (text) => {
        let moved: Moved;
        try {
          moved = move(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ChainbootError);
          const { code, problems } = error as ChainbootError;
          expect(code).toBe('IMPORT_UNREADABLE');
          expect(problems).toHaveLength(1);
          expect(problems[0]!.line).toBeGreaterThan(0);
          expect(problems[0]!.column).toBeGreaterThan(0);
          return;
        }
        const parsed = SITE_SCHEMA.safeParse(moved.site);
        expect(parsed.error?.issues ?? []).toEqual([]);
        for (const note of moved.notes) expect(note.message).not.toContain('undefined');
      }),
      { numRuns: 500 },
    );
  });
});

it('nesting beyond all reason is refused, not followed', () => {
  for (const [move, text] of [
    [SOURCES.dhcpd!.move, 'group {'.repeat(50_000)],
    [SOURCES.Kea!.move, '{"a":'.repeat(50_000)],
    [SOURCES.Kea!.move, '['.repeat(50_000)],
  ] as const)
    expect(() => move(text)).toThrow(expect.objectContaining({ code: 'IMPORT_UNREADABLE' }));
});

it('files that include themselves are refused', () => {
  for (const [name, text] of [
    ['dhcpd', 'include "x";'],
    ['dnsmasq', 'conf-file=x'],
    ['Kea', '<?include "x"?>'],
  ] as const)
    expect(() => SOURCES[name]!.move(text)).toThrow(expect.objectContaining({ code: 'IMPORT_UNREADABLE' }));
});
