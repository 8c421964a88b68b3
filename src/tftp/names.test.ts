import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latin1 } from '../net/bytes.ts';
import { normaliseName, printable } from './names.ts';

describe('names of requests', () => {
  it.each([
    ['pxelinux.0', 'pxelinux.0'],
    ['/sub/dir/pxelinux.0', 'sub/dir/pxelinux.0'],
    ['//sub//dir/ldlinux.c32', 'sub/dir/ldlinux.c32'],
    ['./ipxe.efi', 'ipxe.efi'],
    ['pxelinux.0\xff', 'pxelinux.0'],
    ['pxelinux.cfg/01-52-54-00-77-00-10', 'pxelinux.cfg/01-52-54-00-77-00-10'],
    ['pxelinux.cfg/0A4D0096', 'pxelinux.cfg/0A4D0096'],
    ['EFI/BOOT/grubx64.efi', 'EFI/BOOT/grubx64.efi'],
    ['a..b/..c', 'a..b/..c'],
    ['with space', 'with space'],
    ['\\Boot\\BCD', 'Boot/BCD'],
    ['boot\\x64\\wdsmgfw.efi', 'boot/x64/wdsmgfw.efi'],
    ['\\\\server\\.\\share', 'server/share'],
    [latin1(new TextEncoder().encode('größe')), 'größe'],
  ])('%j is %j', (raw, name) => {
    expect(normaliseName(raw)).toEqual({ ok: true, name });
  });

  it.each([
    '..',
    '../etc/passwd',
    'a/../../b',
    '/..',
    'a/..',
    'a\\..\\b',
    '..\\..\\etc\\passwd',
    'a\\../b',
    'C:\\Boot\\BCD',
    '\\C:\\Boot\\BCD',
    'C:/boot.ini',
    'c:boot',
    '/C:/boot.ini',
    './C:/boot.ini',
    'a\nb',
    'a\x7f',
    'a\x1b[2J',
    'a\xffb',
    'x'.repeat(513),
  ])('%j is forbidden', (raw) => {
    expect(normaliseName(raw)).toMatchObject({ ok: false, code: 'FILE_FORBIDDEN' });
  });

  it.each(['', '/', '//', '.', './/.'])('%j names nothing', (raw) => {
    expect(normaliseName(raw)).toMatchObject({ ok: false, code: 'FILE_NOT_FOUND' });
  });

  it('never lets a name out that could leave the tree', () => {
    const hostile = fc
      .array(fc.constantFrom('..', '.', '/', '\\', 'a', 'C:', '\0', '\r', 'é', '\x85', '…'), {
        maxLength: 12,
      })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string()), (raw) => {
        const result = normaliseName(raw);
        if (!result.ok) return;
        expect(result.name.split('/')).not.toContain('..');
        expect(result.name.split('/')).not.toContain('');
        expect(result.name).not.toMatch(/[\p{Cc}\\]/u);
        expect(result.name).not.toMatch(/^[a-z]:/i);
      }),
    );
  });

  it('shows hostile names harmlessly', () => {
    expect(printable('a\x1b[2Jé\n')).toBe('a?[2J??');
  });
});
