import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { host, site } from '../../test/fixtures.ts';
import { checkGrub } from '../formats/grub.ts';
import { checkIpxe } from '../formats/ipxe/check.ts';
import { checkPxelinux } from '../formats/pxelinux/check.ts';
import type { Hold } from '../inventory/types.ts';
import { LOOP_KINDS } from '../inventory/types.ts';
import { heldText, withNotice } from './held.ts';
import { holdOf, holdReason } from './hold.ts';
import { sentence } from './reason.ts';

const NOW = Date.UTC(2026, 0, 15, 12);
const URL = 'http://192.0.2.1/unattended/iPXE?mac=52%3A54%3A00%3A77%3A00%3A10';
const hold = (changes: Partial<Hold> = {}): Hold => ({
  loop: 'loader',
  at: NOW,
  since: NOW - 90_000,
  count: 5,
  file: 'undionly-ipxe.0',
  boot: 'mkfoo-770010',
  ...changes,
});
const held = (changes: Partial<Hold> = {}) => ({ machine: 'web01.example.org', hold: hold(changes) });

describe('what a held machine is given', () => {
  it.each(['iPXE', 'PXELinux', 'PXEGrub2'] as const)('says all of it in %s', (kind) => {
    const text = heldText(kind, held(), URL)
      .replaceAll("'", '')
      .replace(/\n(echo|SAY) /g, ' ');
    for (const part of ['5 times since 2026-01-15 11:58:30Z', '2026-01-15 12:00:00Z', 'mkfoo-770010'])
      expect(text).toContain(part);
    expect(text).toContain('chainboot host release web01.example.org');
  });

  it('passes the checks that templates have to', () => {
    const local = {
      iPXE: '#!ipxe\nexit 1\n',
      PXELinux: 'DEFAULT a\nLABEL a\n  LOCALBOOT 0\n',
      PXEGrub2: 'exit 1\n',
    };
    for (const [kind, check] of [
      ['iPXE', checkIpxe],
      ['PXELinux', checkPxelinux],
      ['PXEGrub2', checkGrub],
    ] as const) {
      expect(check(heldText(kind, held(), URL))).toEqual([]);
      expect(check(withNotice(kind, local[kind], 'it came back', 'web01'))).toEqual([]);
    }
  });

  it('waits in iPXE without a prompt, a redirect or a growing stack, and asks again', () => {
    const text = heldText('iPXE', held(), URL);
    expect(text.startsWith('#!ipxe\n')).toBe(true);
    expect(text).toMatch(
      /\n:again\nsleep 60 \|\| shell \|\|\nchain --replace --autofree (\S+) \|\| goto again\n$/,
    );
    expect(text).toContain(URL);
    expect(text).not.toMatch(/prompt|imgfetch/);
  });

  it('keeps every line short enough for a text console', () => {
    for (const kind of ['iPXE', 'PXELinux', 'PXEGrub2'] as const)
      for (const loop of LOOP_KINDS)
        for (const line of heldText(kind, held({ loop }), URL).split('\n'))
          if (!line.includes(URL)) expect(line.length).toBeLessThanOrEqual(100);
  });

  it('has a sentence without gaps for every loop', () => {
    for (const loop of LOOP_KINDS) expect(sentence(holdReason(hold({ loop }), 'x'))).not.toMatch(/[{}]/);
  });

  it('lets nothing a machine said become a command', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (file) => {
        const text = heldText('iPXE', held({ file }), URL);
        const shape = /^(#!ipxe|echo( [\x20-\x7e]*)?|:again|sleep 60 \|\| shell \|\||chain --replace .*|)$/;
        for (const line of text.split('\n')) {
          expect(line).toMatch(shape);
          if (line.startsWith('echo')) expect(line).not.toMatch(/\$\{| (&&|\|\|)( |$)|\\$/);
        }
        for (const line of heldText('PXEGrub2', held({ file }), URL).split('\n'))
          if (/^(echo|menuentry)/.test(line)) expect(line.match(/'/g)).toHaveLength(2);
        const says = heldText('PXELinux', held({ file }), URL).split('\n');
        expect(says.filter((line) => /^\s*(KERNEL|LOCALBOOT)/.test(line))).toHaveLength(2);
      }),
    );
  });
});

describe('a notice', () => {
  it('comes before what the machine boots anyway', () => {
    const local = '#!ipxe\nsanboot --no-describe --drive 0x80 ||\nexit 1\n';
    const text = withNotice('iPXE', local, 'it came back 5 times', 'web01');
    expect(text).toMatch(/^#!ipxe\necho /);
    expect(text).toMatch(/chainboot host build web01\nsleep 30 \|\|\nsanboot/);
    expect(text.match(/#!ipxe/g)).toHaveLength(1);
    expect(withNotice('PXELinux', 'DEFAULT local\n', 'why', 'web01')).toMatch(
      /^SAY .*\n[\s\S]*\nDEFAULT local\n\nPROMPT 1\nTIMEOUT 300\n$/,
    );
    expect(withNotice('PXEGrub2', 'exit 1\n', "it's", 'web01')).toMatch(/sleep 30\nexit 1\n$/);
    expect(withNotice('provision', 'text', 'why', 'web01')).toBe('text');
  });
});

describe('holdOf', () => {
  it('finds the hold of a host, of a MAC without one, and of an address', () => {
    const all = site();
    const machine = { ...hold(), machine: '52:54:00:99:99:99', id: 1 };
    all.put('holds', machine);
    all.put('holds', { ...machine, machine: '192.0.2.9', id: 2 });
    expect(holdOf(all, { host: host() })).toBeUndefined();
    expect(holdOf(all, { host: host({ hold: hold() }) })?.machine).toBe('web01.example.org');
    expect(holdOf(all, { mac: '52:54:00:99:99:99' })?.machine).toBe('52:54:00:99:99:99');
    expect(holdOf(all, { host: host(), mac: '52:54:00:99:99:99' })).toBeUndefined();
    expect(holdOf(all, { host: host(), address: '192.0.2.9' })?.machine).toBe('192.0.2.9');
  });
});
