/**
 * A BIOS machine whose ROM is no iPXE, as Debian has no such ROM: an iPXE of theirs plays it. It asks DHCP with the
 * vendor class of any ROM and without iPXE's user class, then starts what it is told to by TFTP, from a proxy where one
 * answered. The user class is cleared in between: the next program would take it over with the cached answer.
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MachineOptions } from '../../src/lab/qemu.ts';
import type { Rig } from './rig.ts';

const SCRIPT = `#!ipxe
set user-class PXEClient
ifconf -c dhcp net0
clear user-class
set server \${next-server}
isset \${proxydhcp/next-server} && set server \${proxydhcp/next-server} ||
echo The ROM starts \${filename} from \${server}
chain tftp://\${server}/\${filename} || prompt The ROM gives up
`;

export function plainRom(rig: Rig): Pick<MachineOptions, 'kernel'> {
  const script = join(rig.daemon.directory, 'rom.ipxe');
  writeFileSync(script, SCRIPT);
  return { kernel: { file: '/usr/lib/ipxe/ipxe.lkrn', initrd: script } };
}
