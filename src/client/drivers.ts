/** Whether an iPXE that was started brings the link up: it depends on whose driver it has. */

import type { Machine } from './machine.ts';
import type { Next } from './stages.ts';

/** An iPXE without a driver for the card ends, and the ROM goes on to the next boot device. */
export function startIpxe(machine: Machine, name: string, args = ''): Next {
  const { drives } = machine.options.persona;
  const driver = /^(undionly|snponly)/.test(name) ? 'rom' : 'own';
  if (drives !== undefined && drives !== driver) {
    machine.console.push('No more network devices');
    machine.tell({ kind: 'warning', text: `${name} has no driver for this card and brings no link up` });
    return { kind: 'local', how: `${name} brings no link up and goes back to the ROM` };
  }
  return { kind: 'ipxe', commands: name.endsWith('.lkrn') && args !== '' ? args : 'autoboot' };
}
