import { describe, expect, it } from 'vitest';
import { quoteArgument } from './cmdline.ts';

const URL_WITH_QUERY = 'http://192.0.2.1/unattended/provision?static=1&token=a-b';

describe('quoteArgument', () => {
  it.each(['PXELinux', 'iPXE', 'provision', 'user_data'] as const)('leaves & alone for %s', (kind) => {
    expect(quoteArgument(kind, URL_WITH_QUERY)).toBe(URL_WITH_QUERY);
  });

  it('escapes what ends a word or expands in GRUB', () => {
    expect(quoteArgument('PXEGrub2', URL_WITH_QUERY)).toBe(
      'http://192.0.2.1/unattended/provision?static=1\\&token=a-b',
    );
    expect(quoteArgument('PXEGrub2', 'http://h/$x;y')).toBe('http://h/\\$x\\;y');
    expect(quoteArgument('PXEGrub2', 'x=a b&c')).toBe('x=a\\ b\\&c');
  });

  it.each(['PXELinux', 'iPXE'] as const)('uses the quotes of the kernel for %s', (kind) => {
    expect(quoteArgument(kind, 'dyndbg=file a.c +p')).toBe('dyndbg="file a.c +p"');
    expect(quoteArgument(kind, 'two words')).toBe('"two words"');
  });

  it('keeps iPXE from expanding what is data', () => {
    expect(quoteArgument('iPXE', 'n=${uuid}')).toBe('n="$ {uuid}"');
  });

  it.each(['PXELinux', 'iPXE', 'PXEGrub2'] as const)('cannot start a new line for %s', (kind) => {
    expect(quoteArgument(kind, 'a\nkernel evil')).not.toContain('\n');
  });
});
