/** Who else answers DHCP on a link: other servers, proxies and relay agents, as far as they were heard. */

import type { Mac } from '../net/mac.ts';

export type NeighbourRole = 'dhcp' | 'proxy-dhcp' | 'relay';

export type Neighbour = {
  /** Name of the network interface it was heard on. */
  readonly link: string;
  /** Server identifier (option 54), or the relay's address; dotted. */
  readonly address: string;
  /** Of its frames; undefined behind a relay. */
  readonly mac?: Mac;
  /** By the first three bytes of the MAC, where a list of them is installed. */
  readonly vendor?: string;
  readonly role: NeighbourRole;
  /** What it hands out, as last heard. */
  readonly offers: {
    /** Dotted. */
    readonly address?: string;
    readonly bootFile?: string;
    readonly nextServer?: string;
    readonly router?: string;
  };
  /** The machine that it answered last. */
  readonly lastClient?: Mac;
  /** Epoch milliseconds. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** Messages heard. */
  readonly count: number;
  /** It gives addresses on a link where we do, or boot files where we do: machines get now one answer, now the other. */
  readonly conflicts: 'addresses' | 'boot-files' | undefined;
};

/** One message of somebody else, as far as it was heard. */
export type Sighting = Pick<Neighbour, 'link' | 'address' | 'mac' | 'role' | 'offers'> & {
  /** The machine that it is meant for. */
  readonly client?: Mac;
};

/**
 * Whom it gets in the way of. A server that gives addresses beside our `proxy` mode is what that mode is for; who names
 * boot files besides us, or gives addresses where we do, makes it a matter of luck what a machine gets.
 */
export function conflictOf(
  { role, offers }: Pick<Neighbour, 'role' | 'offers'>,
  mode: 'server' | 'proxy' | 'off' | undefined,
): Neighbour['conflicts'] {
  if (role === 'relay' || mode === undefined || mode === 'off') return undefined;
  if (role === 'dhcp' && mode === 'server') return 'addresses';
  return role === 'proxy-dhcp' || offers.bootFile !== undefined ? 'boot-files' : undefined;
}
