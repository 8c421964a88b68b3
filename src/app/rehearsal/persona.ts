/** Which machine is played for a host. Pure. */

import { type Persona, personaOf } from '../../client/personas.ts';
import { ChainbootError } from '../../errors.ts';
import type { Host } from '../../inventory/types.ts';

/** What users are told of; every other persona of the virtual client can be named too. */
export const FAMILIAR = ['bios-pxe', 'uefi-x64', 'uefi-arm64', 'uefi-http', 'ipxe', 'pxelinux'] as const;

/** Throws REHEARSAL_REFUSED. `host` with what it inherits. */
export function personaFor(host: Host | undefined, name: string | undefined): Persona {
  const found = personaOf(name ?? usualName(host));
  if (found !== undefined) return found;
  const reason = `there is no machine "${name}" to play; there are ${FAMILIAR.join(', ')}`;
  throw new ChainbootError('REHEARSAL_REFUSED', { reason });
}

/** By its loader and its architecture; a PC without a loader that says otherwise boots by BIOS. */
function usualName({ pxe_loader, architecture = 'x86_64' }: Partial<Host> = {}): string {
  const loader: string = pxe_loader ?? '';
  const cpu = CPUS[architecture] ?? 'x64';
  if (loader === 'iPXE Embedded') return cpu === 'x64' ? 'ipxe-rom' : `ipxe-uefi-${cpu}`;
  if (loader.includes('UEFI HTTP')) return `uefi-http-${cpu}`;
  return loader.includes('UEFI') || cpu !== 'x64' ? `uefi-${cpu}` : 'bios-rom';
}

const CPUS: Readonly<Record<string, string>> = {
  x86_64: 'x64',
  amd64: 'x64',
  aarch64: 'arm64',
  arm64: 'arm64',
  riscv64: 'riscv64',
  loongarch64: 'loongarch64',
};
