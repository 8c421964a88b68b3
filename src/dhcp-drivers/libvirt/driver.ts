/** A network of libvirt kept in step: `<host>` entries below its `<dhcp>`, by virsh. */

import type { Outline } from '../../dhcp-config/outline.ts';
import { ChainbootError } from '../../errors.ts';
import type { Cidr } from '../../net/cidr.ts';
import type { Made } from '../made.ts';
import { isSame, planOf, type Wanted } from '../plan.ts';
import type { DhcpDriver, DriverChange, DriverPlan, OutsideLease, Present, Reservation } from '../types.ts';
import { type Layer, layersOf } from './layers.ts';
import { libvirtNeeds } from './needs.ts';
import { isIn, leasesOf } from './network.ts';
import { type Virsh, type VirshOptions, virshOf } from './virsh.ts';
import { carryOut, isMade, type Work, workOf } from './work.ts';

export type LibvirtOptions = VirshOptions & {
  /** `default` */
  readonly network: string;
  /** The script that its machines are to boot: `<bootp file=…>`. */
  readonly script: string;
  /** Entries of libvirt cannot carry a mark. */
  readonly made: Made;
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
    close: async () => {},
  };
}

type Context = LibvirtOptions & { readonly virsh: Virsh };

type LibvirtPresent = Present & { readonly subnet?: Cidr; readonly last: Wanted };

async function present({ virsh, network, name, made }: Context): Promise<LibvirtPresent> {
  const layers = await layersOf(virsh, network, name);
  const last = await made.read();
  const entries = merged(layers);
  const subnet = layers[0]?.network.subnet;
  return {
    ours: entries.filter((each) => isMade(each, last.reservations)),
    foreign: entries.filter((each) => !isMade(each, last.reservations)),
    parts: {},
    last,
    ...(subnet !== undefined && { subnet }),
  };
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

/** Hosts outside of the network's subnet are none of its business; libvirt would take them without a word. */
function plan(wanted: Outline, now: Present): DriverPlan {
  const { subnet, last } = now as LibvirtPresent;
  const reservations = wanted.hosts
    .filter(({ ip }) => isIn(subnet, ip))
    .map(({ name, mac, ip }) => ({ name, mac, ip }));
  return planOf({ reservations, parts: {} }, now, last);
}

async function apply(
  { virsh, network, name, made }: Context,
  changes: readonly DriverChange[],
  applied: (change: DriverChange) => void,
): Promise<void> {
  const { reservations: record } = await made.read();
  const layers = await layersOf(virsh, network, name);
  const works = changes.map((change) => workOf(change, layers, record));
  const write = (reservations: readonly Reservation[]) => made.write({ reservations, parts: {} });
  // Before it is made, so that it is known for ours whatever happens meanwhile.
  await write([...record, ...works.flatMap(({ wanted }) => wanted ?? [])]);
  const done: Work[] = [];
  try {
    await carryOut(virsh, network, works, (work) => {
      done.push(work);
      applied(work.change);
    });
  } catch (error) {
    // What libvirt refuses was not made; where it was not heard any more, it may have been.
    if (isRefusal(error)) await write(afterwards(record, done));
    throw error;
  }
  await write(afterwards(record, done));
}

function isRefusal(error: unknown): boolean {
  return error instanceof ChainbootError && error.code === 'DHCP_SERVER_REFUSED';
}

function afterwards(record: readonly Reservation[], done: readonly Work[]): readonly Reservation[] {
  const changed = new Set(done.map(({ change }) => change.name));
  return [
    ...record.filter(({ name }) => !changed.has(name)),
    ...done.flatMap(({ wanted }) => (wanted === undefined ? [] : [wanted])),
  ];
}
