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
