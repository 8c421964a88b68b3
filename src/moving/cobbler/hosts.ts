/** Systems to hosts. */

import { loaderOf } from '../loader.ts';
import type { SiteDraft } from '../moved.ts';
import { hostName } from '../names.ts';
import { formatPlace, type Place } from '../place.ts';
import type { Report } from '../report.ts';
import type { Item } from './collections.ts';
import { interfacesOf, type Nic } from './interfaces.ts';
import type { Networks } from './networks.ts';
import { type Profile, parametersOf, reportRest } from './profiles.ts';
import { isTrue, mergedOptionMaps, options, said, words } from './values.ts';

type Context = {
  readonly site: SiteDraft;
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly networks: Networks;
  readonly report: Report;
};

export function addSystems(context: Context, items: readonly Item[]): void {
  const owners = new Map<string, string>();
  const names = new Map<string, Place>();
  for (const item of items) addSystem(context, item, owners, names);
}

function addSystem(
  context: Context,
  item: Item,
  owners: Map<string, string>,
  names: Map<string, Place>,
): void {
  const { site, profiles, networks, report } = context;
  const { place } = item;
  const subject = `system ${item.name}`;
  const { nics, nodes } = interfacesOf(item, subject, report);
  const name = nameOf(item, nics);
  const problem = problemOf(item, name, nics, owners, names);
  if (name === undefined || problem !== undefined) {
    report.refused(place, subject, problem ?? '');
    return;
  }
  names.set(name, place);
  for (const { mac, ip, ip6 } of nics) for (const key of [mac, ip, ip6]) if (key) owners.set(key, name);
  networks.learn(item, nodes);
  const profileName = said(item, 'profile');
  const profile = profileName === undefined ? undefined : profiles.get(profileName);
  if (profile === undefined) reportProfile(item, subject, profileName, report);
  const told = {
    kernelOptions: mergedOptionMaps(profile?.kernelOptions ?? new Map(), options(item, 'kernel_options')),
    metadata: mergedOptionMaps(profile?.metadata ?? new Map(), options(item, 'autoinstall_meta', 'ks_meta')),
  };
  const parameters = parametersOf(told, {
    kernelOptions: profile?.kernelOptions,
    metadata: profile?.metadata,
  });
  const loader = loaderOf(said(item, 'filename') ?? '');
  const comment = said(item, 'comment');
  const domain = name.includes('.') ? name.slice(name.indexOf('.') + 1) : undefined;
  if (domain !== undefined) site.domain(domain, place);
  const [only, ...more] = inDomain(nics, domain);
  site.add(
    'hosts',
    {
      name,
      ...(comment && { comment }),
      ...(profile && { hostgroup: profile.title }),
      ...(loader && { pxe_loader: loader }),
      ...(only !== undefined && { interfaces: [only, ...more] }),
      ...(Object.keys(parameters).length > 0 && { parameters }),
    },
    place,
  );
  report.taken(place, subject, `host ${name}`);
  reportSystem(item, subject, report);
}

/** Why the system cannot be taken. */
function problemOf(
  item: Item,
  name: string | undefined,
  nics: readonly Nic[],
  owners: ReadonlyMap<string, string>,
  names: ReadonlyMap<string, Place>,
): string | undefined {
  if (name === undefined) return `"${item.name}" is not a host name`;
  const before = names.get(name);
  return before === undefined ? takenAddress(nics, owners) : `${name} is that of ${formatPlace(before)}`;
}

/** The host name, else that of an interface, else what the system is called. */
function nameOf(item: Item, nics: readonly Nic[]): string | undefined {
  const provisioning = nics.find(({ provision }) => provision) ?? nics[0];
  return [said(item, 'hostname'), provisioning?.name, item.name]
    .map((text) => hostName(text ?? ''))
    .find((name) => name !== undefined);
}

/** A sentence about the first address that another system has. */
function takenAddress(nics: readonly Nic[], owners: ReadonlyMap<string, string>): string | undefined {
  for (const { mac, ip, ip6 } of nics)
    for (const key of [mac, ip, ip6]) {
      const owner = key === undefined ? undefined : owners.get(key);
      if (owner !== undefined) return `${key} already belongs to ${owner}`;
    }
  return undefined;
}

/** The domain of the host is that of its primary interface. */
function inDomain(nics: readonly Nic[], domain: string | undefined): readonly Nic[] {
  const primary = nics.find((nic) => nic.primary) ?? nics[0];
  return nics.map((nic) => (nic === primary && domain !== undefined ? { ...nic, domain } : nic));
}

function reportProfile(item: Item, subject: string, profile: string | undefined, report: Report): void {
  const image = said(item, 'image');
  if (image !== undefined)
    report.human(item.place, subject, `boots the image ${image}, which has no counterpart`);
  else report.human(item.place, subject, `its profile ${profile ?? ''} is not there`);
}

function reportSystem(item: Item, subject: string, report: Report): void {
  const at = (key: string) => item.entries.get(key)?.place ?? item.place;
  reportRest(item, subject, report);
  if (said(item, 'power_address') !== undefined)
    report.human(at('power_address'), `${subject}: power`, 'Chainboot does not switch machines on and off');
  if (isTrue(item, 'netboot_enabled'))
    report.left(
      at('netboot_enabled'),
      `${subject}: netboot_enabled`,
      'reinstall it with: chainboot host build',
    );
  if (words(item, 'name_servers_search').length > 0)
    report.human(
      at('name_servers_search'),
      `${subject}: name_servers_search`,
      'give its subnet domain-search',
    );
  if (said(item, 'redhat_management_key') !== undefined)
    report.human(at('redhat_management_key'), `${subject}: redhat_management_key`, 'give it as a parameter');
}
