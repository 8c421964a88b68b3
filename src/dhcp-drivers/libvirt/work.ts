/** Changes carried out in the layers of a network, so that each is done as a whole or not at all. */

import { isSame } from '../plan.ts';
import type { DriverChange, Reservation } from '../types.ts';
import type { Layer } from './layers.ts';
import { hostXml } from './network.ts';
import type { Virsh } from './virsh.ts';

type Act = {
  readonly verb: 'add-last' | 'delete';
  readonly flag: Layer['flag'];
  readonly reservation: Reservation;
};

/** What one change takes: `deletes` come before the `adds` of all, as an address may go from one host to another. */
export type Work = {
  readonly change: DriverChange;
  readonly wanted?: Reservation;
  readonly deletes: readonly Act[];
  readonly adds: readonly Act[];
};

/** Ours, though somebody may have changed one thing of it: what has our name, and our MAC address or our address. */
export function isMade(entry: Reservation, record: readonly Reservation[]): boolean {
  return record.some(
    ({ name, mac, ip }) =>
      name === entry.name && (mac === entry.mac || (ip !== undefined && ip === entry.ip)),
  );
}

export function workOf(change: DriverChange, layers: readonly Layer[], record: readonly Reservation[]): Work {
  const wanted = change.op === 'remove' ? undefined : change.reservation;
  const isWanted = (each: Reservation) => wanted !== undefined && isSame(each, wanted);
  const oursIn = ({ network }: Layer) =>
    network.hosts.filter((each) => each.name === change.name && isMade(each, record));
  return {
    change,
    ...(wanted !== undefined && { wanted }),
    deletes: layers.flatMap((layer) =>
      oursIn(layer)
        .filter((each) => !isWanted(each))
        .map((reservation) => ({ verb: 'delete', flag: layer.flag, reservation }) as const),
    ),
    adds: layers.flatMap((layer) =>
      wanted === undefined || oursIn(layer).some(isWanted)
        ? []
        : [{ verb: 'add-last', flag: layer.flag, reservation: wanted } as const],
    ),
  };
}

/**
 * Never `modify`: libvirt takes for the entry to modify whichever has the MAC address, the address or the name, so that it
 * would overwrite entries of others (seen with 9.0). `delete` matches all that is said of an entry, and `add` refuses what
 * is there already. What is refused leaves its change, and those behind it, as if they had not been begun.
 */
export async function carryOut(
  virsh: Virsh,
  network: string,
  works: readonly Work[],
  done: (work: Work) => void,
): Promise<void> {
  const run = ({ verb, flag, reservation }: Act) =>
    virsh('net-update', '--network', network, verb, 'ip-dhcp-host', '--xml', hostXml(reservation), flag);
  const begun = new Map<Work, Act[]>(works.map((work) => [work, []]));
  const act = async (work: Work, each: Act) => {
    await run(each);
    begun.get(work)?.push(each);
  };
  try {
    for (const work of works) for (const each of work.deletes) await act(work, each);
    for (const work of works) {
      for (const each of work.adds) await act(work, each);
      begun.delete(work);
      done(work);
    }
  } catch (error) {
    // New ones first: they may have the address of an old one.
    const undone = [...begun.values()].flat().toReversed().map(inverse);
    // What cannot be put back either is found missing, and planned again.
    for (const each of undone) await run(each).catch(() => {});
    throw error;
  }
}

function inverse({ verb, ...act }: Act): Act {
  return { ...act, verb: verb === 'delete' ? 'add-last' : 'delete' };
}
