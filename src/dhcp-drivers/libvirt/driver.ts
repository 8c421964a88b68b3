/** A network of libvirt kept in step: `<host>` entries below its `<dhcp>`, by virsh. */

import type { Outline } from '../../dhcp-config/outline.ts';
import type { Cidr } from '../../net/cidr.ts';
import type { Made } from '../made.ts';
import { isSame, planOf } from '../plan.ts';
import type {
  DhcpDriver,
  DriverChange,
  DriverConflict,
  DriverPlan,
  OutsideLease,
  Present,
  Reservation,
} from '../types.ts';
import { existingSite } from './existing.ts';
import { type Layer, layersOf } from './layers.ts';
import { libvirtNeeds } from './needs.ts';
import { isIn, leasesOf } from './network.ts';
import { type Virsh, type VirshOptions, virshOf } from './virsh.ts';
import { carryOut, isMade, workOf } from './work.ts';

export type LibvirtOptions = VirshOptions & {
  /** `default` */
  readonly network: string;
  /** The script that its machines are to boot: `<bootp file=…>`. */
  readonly script: string;
  /** Entries of libvirt cannot carry a mark; what is about to be made is written there before. */
  readonly made: Pick<Made, 'read'>;
};

export function libvirtDriver(options: LibvirtOptions): DhcpDriver {
  const virsh = virshOf(options);
  const context = { ...options, virsh };
  return {
    name: options.name,
    needs: () => libvirtNeeds(context),
    present: () => present(context),
    plan,
    apply: ({ changes }, _wanted, applied) => apply(context, changes, applied),
    leases: async (): Promise<readonly OutsideLease[]> =>
      leasesOf(await virsh('net-dhcp-leases', '--network', options.network)),
    existing: () => existing(context),
    close: async () => {},
  };
}

type Context = LibvirtOptions & { readonly virsh: Virsh };

type LibvirtPresent = Present & { readonly subnet?: Cidr };

async function present({ virsh, network, name, made }: Context): Promise<LibvirtPresent> {
  const layers = await layersOf(virsh, network, name);
  const { reservations: record } = await made.read();
  const entries = merged(layers);
  const subnet = layers[0]?.network.subnet;
  return {
    ours: entries.filter((each) => isMade(each, record)),
    foreign: entries.filter((each) => !isMade(each, record)),
    parts: {},
    ...(subnet !== undefined && { subnet }),
  };
}

/** A network has one subnet; what is not in it, or is not told by a MAC address, is refused with its name. */
async function existing(context: Context): ReturnType<DhcpDriver['existing']> {
  const { foreign, subnet } = await present(context);
  return existingSite({ name: context.network, foreign, ...(subnet !== undefined && { subnet }) });
}

/** An entry that is not in both layers as it is has no address: it is not what anybody wants, and is mended or removed. */
function merged(layers: readonly Layer[]): readonly Reservation[] {
  const entries: Reservation[] = [];
  for (const { network } of layers)
    for (const entry of network.hosts) {
      if (entries.some(({ name, mac }) => name === entry.name && mac === entry.mac)) continue;
      const everywhere = layers.every((layer) => layer.network.hosts.some((each) => isSame(each, entry)));
      entries.push(everywhere ? entry : { mac: entry.mac, name: entry.name });
    }
  return entries;
}

/**
 * Hosts outside of the network's subnet are none of its business; libvirt would take them without a word. A name that somebody
 * else's entry has is in the way as well: libvirt has each name once.
 */
function plan(wanted: Outline, now: Present): DriverPlan {
  const { subnet } = now as LibvirtPresent;
  const here = wanted.hosts.filter(({ ip }) => isIn(subnet, ip));
  const named = here.flatMap(({ name, mac, ip }): readonly DriverConflict[] => {
    const foreign = now.foreign.find((each) => each.name === name);
    const isMine = foreign === undefined || now.ours.some((each) => each.name === name);
    return isMine || foreign.mac === mac || foreign.ip === ip
      ? []
      : [{ host: name, wanted: { name, mac, ip }, foreign }];
  });
  const blocked = new Set(named.map(({ host }) => host));
  const reservations = here
    .filter(({ name }) => !blocked.has(name))
    .map(({ name, mac, ip }) => ({ name, mac, ip }));
  const { changes, conflicts } = planOf({ reservations, parts: {} }, now);
  return { changes, conflicts: [...conflicts, ...named] };
}

async function apply(
  { virsh, network, name, made }: Context,
  changes: readonly DriverChange[],
  applied: (change: DriverChange) => void,
): Promise<void> {
  const { reservations: record } = await made.read();
  const layers = await layersOf(virsh, network, name);
  const works = changes.map((change) => workOf(change, layers, record));
  await carryOut(virsh, network, works, ({ change }) => applied(change));
}
