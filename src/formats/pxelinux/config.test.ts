import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseEntry, parseConfig } from './config.ts';

const chosen = (...lines: string[]) => chooseEntry(parseConfig(lines.join('\n')));

describe('PXELINUX configuration', () => {
  it('reads an entry in any case, with what stands before the labels as default', () => {
    expect(
      chosen(
        'default Install',
        'append quiet',
        'ipappend 2',
        'LABEL other',
        'KERNEL x',
        'label install',
        '  kernel linux',
        ' INITRD a,b',
      ),
    ).toEqual({
      label: 'install',
      kernel: 'linux',
      append: 'quiet',
      initrds: ['a', 'b'],
      sysAppend: 2,
      localBoot: false,
    });
  });

  it('finds the initrd in APPEND, unless there is a line for it', () => {
    expect(chosen('LABEL l', 'KERNEL k', 'APPEND a initrd=x,y b')?.initrds).toEqual(['x', 'y']);
    expect(chosen('LABEL l', 'KERNEL k', 'APPEND initrd=x', 'INITRD z')?.initrds).toEqual(['z']);
    expect(chosen('APPEND global', 'LABEL l', 'KERNEL k', 'APPEND -')?.append).toBe('');
  });

  it('prefers ONTIMEOUT, then MENU DEFAULT, then DEFAULT, then the first', () => {
    const entries = ['LABEL a', 'KERNEL 1', 'LABEL b', 'MENU DEFAULT', 'KERNEL 2', 'LABEL c', 'KERNEL 3'];
    expect(chosen('ONTIMEOUT c', ...entries)?.kernel).toBe('3');
    expect(chosen('DEFAULT c', ...entries)?.kernel).toBe('2');
    expect(chosen('DEFAULT a', 'LABEL b', 'KERNEL 2', 'LABEL a', 'KERNEL 1')?.kernel).toBe('1');
    expect(chosen('DEFAULT vesamenu.c32', 'TIMEOUT 100', 'LABEL a', 'KERNEL 1')?.kernel).toBe('1');
    expect(chosen('DEFAULT linux quiet')).toMatchObject({ kernel: 'linux', append: 'quiet' });
    expect(chosen('')).toBeUndefined();
  });

  it('waits when a prompt or a menu has no time limit', () => {
    const waits = (...lines: string[]) => parseConfig(lines.join('\n')).waits;
    expect(waits('PROMPT 1')).toBe(true);
    expect(waits('PROMPT 1', 'TIMEOUT 50')).toBe(false);
    expect(waits('PROMPT 0')).toBe(false);
    expect(waits('UI menu.c32')).toBe(true);
    expect(waits('UI menu.c32', 'TIMEOUT 50')).toBe(false);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parseConfig(`LABEL x\n${text}`).entries.length).toBeGreaterThan(0);
        chooseEntry(parseConfig(text));
      }),
    );
  });
});
