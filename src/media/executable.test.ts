import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readExecutable } from './executable.ts';

/** Where scripts/debian.mjs unpacks packages that are never installed. */
const UNPACKED = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'chainboot', 'debian');

describe('what bytes tell of a loader', () => {
  it.each([
    [
      '/usr/lib/ipxe/ipxe.efi',
      { format: 'UEFI', cpu: 'x86_64', signers: [], version: /^iPXE 1\.0\.0\+git/, https: false },
    ],
    ['/usr/lib/ipxe/undionly.kpxe', { format: 'BIOS', signers: [] }],
    ['/usr/lib/PXELINUX/pxelinux.0', { format: 'BIOS', signers: [], version: /^PXELINUX 6\.04/ }],
    [
      `${UNPACKED}/usr/lib/shim/shimx64.efi.signed`,
      { format: 'UEFI', cpu: 'x86_64', signers: /Microsoft.*UEFI CA/, version: /^shim \d/ },
    ],
    [
      `${UNPACKED}/usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed`,
      { format: 'UEFI', cpu: 'x86_64', signers: /Debian/, version: /^GRUB 2\.06/ },
    ],
  ])('%s', (path, expected) => {
    expect(existsSync(path), `${path} is missing: node scripts/setup.mjs`).toBe(true);
    const found = readExecutable(readFileSync(path));
    for (const [key, value] of Object.entries(expected)) {
      const told = found[key as keyof typeof found];
      if (value instanceof RegExp) expect(String(told)).toMatch(value);
      else expect(told).toEqual(value);
    }
  });

  it('answers any bytes, also those that begin as a program does', () => {
    const header = Buffer.alloc(0x80);
    header.write('MZ');
    header.writeUInt32LE(0x40, 0x3c);
    header.write('PE', 0x40);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, asPe) => {
        const whole = asPe ? Buffer.concat([header.subarray(0, 0x44), bytes]) : bytes;
        expect(readExecutable(whole).format).toMatch(/UEFI|BIOS/);
      }),
    );
  });
});
