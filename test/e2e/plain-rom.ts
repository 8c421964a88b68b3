/**
 * A BIOS machine whose ROM is no iPXE, as Debian has no such ROM: an iPXE of theirs plays it. It asks DHCP with the
 * vendor class of any ROM and without iPXE's user class, then starts what it is told to, by TFTP. The user class is
 * cleared in between: the next program would take it over with the cached answer and play on.
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MachineOptions } from '../../src/lab/qemu.ts';
import type { Rig } from './rig.ts';

const SCRIPT = `#!ipxe
set user-class PXEClient
ifconf -c dhcp net0
clear user-class
echo The ROM starts \${filename} from \${next-server}
chain tftp://\${next-server}/\${filename}
`;

export function plainRom(rig: Rig): Pick<MachineOptions, 'kernel'> {
  const script = join(rig.daemon.directory, 'rom.ipxe');
  writeFileSync(script, SCRIPT);
  return { kernel: { file: '/usr/lib/ipxe/ipxe.lkrn', initrd: script } };
}
