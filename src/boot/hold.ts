/** Machines that the loop guard holds: who is, and why, as data. */

import type { Site } from '../inventory/site.ts';
import type { Hold, Host } from '../inventory/types.ts';
import type { Mac } from '../net/mac.ts';
import type { Loop } from './loops.ts';
import { because, type Reason } from './reason.ts';

/** What is known of a machine: its host, else its MAC, else the address it asks from. */
export type Who = {
  readonly host?: Host | undefined;
  readonly mac?: Mac | undefined;
  readonly address?: string | undefined;
};

/** `machine` is what `chainboot host release` calls it. */
export type Held = { readonly machine: string; readonly hold: Hold };

/** A hold of an address counts for a host too: behind a foreign DHCP server nothing else is known of who fetches a loader. */
export function holdOf(site: Site, { host, mac, address }: Who): Held | undefined {
  if (host?.hold !== undefined) return { machine: host.name, hold: host.hold };
  const ofMac = host === undefined && mac !== undefined ? site.get('holds', mac) : undefined;
  const found = ofMac ?? (address === undefined ? undefined : site.get('holds', address));
  return found && { machine: found.machine, hold: found };
}

/** The loader is what goes round, so that it must not be given out again; otherwise the script can tell. */
export function isChainloadLoop({ loop }: Pick<Hold, 'loop'>): boolean {
  return loop === 'loader' || loop === 'disguise';
}

export function holdReason(hold: Hold, machine: string): Reason {
  const { loop, count, since, file } = hold;
  return because(`loop-${loop}`, { machine, count, since: instant(since), file });
}

export function cameBackReason({ count, since }: Loop, host: string, template: string): Reason {
  return because('loop-local', { host, count, since: instant(since), template });
}

/** `2026-01-15 12:00:00Z` */
export function instant(time: number): string {
  return new Date(time).toISOString().replace('T', ' ').replace(/\.\d+/, '');
}
