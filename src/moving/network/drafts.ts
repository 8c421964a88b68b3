/** What the files of every DHCP server have in common, before it becomes a site. */

import type { Cidr } from '../../net/cidr.ts';
import type { Mac } from '../../net/mac.ts';
import type { Place } from '../place.ts';
import type { OptionType } from './option-table.ts';

/** `called`: its name in the file that has it. */
export type DraftOption = {
  readonly place: Place;
  readonly called: string;
  readonly code: number;
  readonly type: OptionType;
  readonly words: readonly string[];
};
/** By code; of two of one code the nearer one counts. */
export type DraftOptions = ReadonlyMap<number, DraftOption>;

export type DraftBoot = { readonly place: Place; readonly filename: string };
export type DraftRange = { readonly place: Place; readonly first: number; readonly last: number };

export type DraftNetwork = {
  readonly place: Place;
  readonly cidr: Cidr;
  readonly ranges: readonly DraftRange[];
  readonly options: DraftOptions;
  readonly boot?: DraftBoot;
  readonly name?: string;
  readonly description?: string;
  readonly sharedNetwork?: string;
  readonly leaseTime?: number;
  readonly authoritative?: boolean;
};

/** Declared facts only: nobody here gives IPv6 addresses to clients. */
export type DraftNetwork6 = {
  readonly place: Place;
  readonly network: string;
  readonly dns: readonly string[];
  readonly name?: string;
};

/** Hosts that are told the same. */
export type DraftGroup = {
  readonly place: Place;
  readonly name: string;
  readonly parent?: string;
  readonly options: DraftOptions;
  readonly boot?: DraftBoot;
};

export type DraftHost = {
  readonly place: Place;
  /** What it is called in the file, for messages. */
  readonly called: string;
  /** In the order in which they are tried: the first that is a host name is taken. */
  readonly names: readonly string[];
  readonly macs: readonly { readonly mac: Mac; readonly place: Place }[];
  readonly ips: readonly string[];
  readonly ip6?: string;
  readonly domain?: string;
  readonly comment?: string;
  /** Title. */
  readonly group?: string;
  readonly options: DraftOptions;
  readonly boot?: DraftBoot;
};

export type Drafts = {
  readonly networks: readonly DraftNetwork[];
  readonly networks6: readonly DraftNetwork6[];
  readonly groups: readonly DraftGroup[];
  readonly hosts: readonly DraftHost[];
};

export const NO_OPTIONS: DraftOptions = new Map();

/** The later ones count. */
export function mergedOptions(...layers: readonly DraftOptions[]): DraftOptions {
  return new Map(layers.flatMap((layer) => [...layer]));
}
