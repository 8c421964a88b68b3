/** What hosts lack that were put into build mode a moment ago, or would be: told, never refused. */

import { checkerOf } from '../app/life-cycle.ts';
import { Overlay } from '../inventory/overlay.ts';
import { nameOf, type Site } from '../inventory/site.ts';
import type { Host } from '../inventory/types.ts';
import { checkHosts } from '../service/build/check.ts';
import type { Lack } from '../service/build/lacks.ts';
import type { Change } from '../store/types.ts';
import { sayWarnings } from './host-build.ts';
import type { Opened } from './open.ts';
import { say } from './output.ts';

/** Declaring must stay quick; `check` looks at more of them. */
const MAX_HOSTS = 1000;
const MAX_SAID = 5;
/** Ids for records that no store has given one. */
const FIRST_ID = 3e12;

export type HostLacks = { readonly host: string; readonly errors: readonly Lack[] };

/** Of those among the changes that are in build mode; only hosts that would not boot. */
export async function lacksAmong(
  { inventory, config }: Opened,
  changes: readonly Change[],
): Promise<readonly HostLacks[]> {
  const { site, building } = changed(inventory.site, changes);
  if (building.length === 0) return [];
  // What does not render is the linter's to tell; threads for it would take longer than all the rest.
  const check = checkerOf({ config: () => config, root: () => undefined });
  const checked = await checkHosts(check, site, building.slice(0, MAX_HOSTS));
  return checked.flatMap(({ host, found: { errors } }) =>
    errors.length === 0 ? [] : { host: host.name, errors },
  );
}

/** The site with the changes in it, whether they were stored or not. */
function changed(
  stored: Site,
  changes: readonly Change[],
): { readonly site: Site; readonly building: readonly Host[] } {
  const site = new Overlay(stored);
  const building: Host[] = [];
  for (const [i, change] of changes.entries()) {
    if (change.op === 'delete') {
      site.remove(change.collection, change.id);
      continue;
    }
    const { collection, record } = change;
    const id = record.id ?? stored.get(collection, nameOf(collection, record as never))?.id ?? FIRST_ID + i;
    site.put(collection, { ...record, id } as never);
    if (collection === 'hosts' && record.build) building.push({ ...record, id });
  }
  return { site, building };
}

export function sayLacks(lacks: readonly HostLacks[]): void {
  for (const { host, errors } of lacks.slice(0, MAX_SAID)) sayWarnings(host, errors);
  const more = lacks.length - MAX_SAID;
  if (more > 0) say(`and ${more} more hosts that would not boot: see them with: chainboot check`);
}
