/**
 * A network as libvirt has it twice: as it runs, and as it is written down for its next start. Each is looked at and changed
 * by itself, so that what somebody changed in one of them only is mended too.
 */

import { ChainbootError } from '../../errors.ts';
import { type LibvirtNetwork, networkOf, stateOf } from './network.ts';
import type { Virsh } from './virsh.ts';

export type Layer = { readonly flag: '--live' | '--config'; readonly network: LibvirtNetwork };

/** One of them or both: what is written down comes first. Rejects with a ChainbootError. */
export async function layersOf(virsh: Virsh, name: string, server: string): Promise<readonly Layer[]> {
  const { active, persistent } = stateOf(await virsh('net-info', '--network', name));
  const layer = async (flag: Layer['flag'], ...options: readonly string[]): Promise<Layer> => {
    const network = networkOf(await virsh('net-dumpxml', '--network', name, ...options));
    if (network !== undefined) return { flag, network };
    const reason = 'what it prints is no network';
    throw new ChainbootError('DHCP_SERVER_REFUSED', { server, what: 'net-dumpxml', reason });
  };
  return [
    ...(persistent ? [await layer('--config', '--inactive')] : []),
    ...(active ? [await layer('--live')] : []),
  ];
}
