/**
 * A network as libvirt has it twice: as it runs, and as it is written down for its next start. Each is changed by itself, so
 * that what somebody changed in one of them only is mended too.
 */

import { ChainbootError } from '../../errors.ts';
import type { Reservation } from '../types.ts';
import { hostXml, type LibvirtNetwork, networkOf, stateOf } from './network.ts';
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

export function isSame(one: Reservation, other: Reservation): boolean {
  return one.mac === other.mac && one.ip === other.ip && one.name === other.name;
}

/** What one layer has to lose and to get; nothing where it is so already. */
export type Step = { readonly remove: readonly Reservation[]; readonly add?: Reservation };

/**
 * Never `modify`: libvirt takes for the entry to modify whichever has the MAC address, the address or the name, so that it
 * would overwrite entries of others (seen with 9.0). `delete` matches all that is said of an entry, and `add` refuses
 * what is there already. What was taken away is put back where the new one is refused.
 */
export async function carryOut(virsh: Virsh, name: string, { flag }: Layer, step: Step): Promise<void> {
  const update = (verb: 'add-last' | 'delete', reservation: Reservation) =>
    virsh('net-update', '--network', name, verb, 'ip-dhcp-host', '--xml', hostXml(reservation), flag);
  const removed: Reservation[] = [];
  try {
    for (const each of step.remove) {
      await update('delete', each);
      removed.push(each);
    }
    if (step.add !== undefined) await update('add-last', step.add);
  } catch (error) {
    for (const each of removed) await update('add-last', each);
    throw error;
  }
}
