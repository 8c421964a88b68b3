/** Profiles to hostgroups. */

import { loaderOf } from '../loader.ts';
import type { SiteDraft } from '../moved.ts';
import type { Report } from '../report.ts';
import type { Item } from './collections.ts';
import type { Distro } from './distros.ts';
import { commandLine, mergedOptionMaps, type Options, options, said, words } from './values.ts';

/** What sub-profiles and systems take from it. */
export type Profile = {
  readonly title: string;
  readonly kernelOptions: Options;
  readonly metadata: Options;
};

type Context = {
  readonly site: SiteDraft;
  readonly distros: ReadonlyMap<string, Distro>;
  readonly report: Report;
};

/** By name and by uid; those without parent first, so that every group follows its parent. */
export function addProfiles(context: Context, items: readonly Item[]): ReadonlyMap<string, Profile> {
  const profiles = new Map<string, Profile>();
  const known = new Set(items.flatMap((item) => [item.name, said(item, 'uid') ?? item.name]));
  let waiting = [...items];
  while (waiting.length > 0) {
    const ready = waiting.filter((item) => {
      const parent = said(item, 'parent');
      return parent === undefined || !known.has(parent) || profiles.has(parent);
    });
    if (ready.length === 0) break;
    for (const item of ready) {
      const profile = addProfile(context, item, profiles.get(said(item, 'parent') ?? ''));
      for (const key of [item.name, said(item, 'uid')]) if (key !== undefined) profiles.set(key, profile);
    }
    waiting = waiting.filter((item) => !ready.includes(item));
  }
  for (const item of waiting)
    context.report.refused(item.place, `profile ${item.name}`, 'is its own ancestor');
  return profiles;
}

function addProfile({ site, distros, report }: Context, item: Item, parent: Profile | undefined): Profile {
  const subject = `profile ${item.name}`;
  const name = item.name.replaceAll('/', '-');
  const distroName = said(item, 'distro');
  const distro = distroName === undefined ? undefined : distros.get(distroName);
  if (distroName !== undefined && distro === undefined)
    report.human(item.place, subject, `its distro ${distroName} is not there`);
  const own = {
    kernel: options(item, 'kernel_options'),
    metadata: options(item, 'autoinstall_meta', 'ks_meta'),
  };
  const kernelOptions = mergedOptionMaps(
    parent?.kernelOptions ?? new Map(),
    distro?.kernelOptions ?? new Map(),
    own.kernel,
  );
  const metadata = mergedOptionMaps(
    parent?.metadata ?? new Map(),
    distro?.metadata ?? new Map(),
    own.metadata,
  );
  const loader = loaderOf(said(item, 'filename') ?? '');
  const comment = said(item, 'comment');
  const inherited = { kernelOptions: parent?.kernelOptions, metadata: parent?.metadata };
  const parameters = parametersOf({ kernelOptions, metadata }, inherited);
  site.add(
    'hostgroups',
    {
      name,
      ...(parent && { parent: parent.title }),
      ...(comment && { description: comment }),
      ...(distro?.title && { operatingsystem: distro.title }),
      ...(distro?.architecture && { architecture: distro.architecture }),
      ...(distro?.medium && { medium: distro.medium }),
      ...(loader && { pxe_loader: loader }),
      ...(Object.keys(parameters).length > 0 && { parameters }),
    },
    item.place,
  );
  const title = parent === undefined ? name : `${parent.title}/${name}`;
  report.taken(item.place, subject, `hostgroup ${title}`);
  reportRest(item, subject, report);
  return { title, kernelOptions, metadata };
}

/** Templates read kernel options from this parameter, as in Foreman. */
const KERNEL_PARAMETER = 'kernelcmd';

type Told = { readonly kernelOptions: Options; readonly metadata: Options };

/** Those that are not what the parent has already. */
export function parametersOf(
  { kernelOptions, metadata }: Told,
  inherited: { readonly kernelOptions: Options | undefined; readonly metadata: Options | undefined },
): Record<string, string> {
  const line = commandLine(kernelOptions);
  const isNew = line !== commandLine(inherited.kernelOptions ?? new Map());
  const own = [...metadata].flatMap(([name, values]) => {
    const value = values.join(' ');
    return inherited.metadata?.get(name)?.join(' ') === value || name === '' ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(own), ...(isNew && { [KERNEL_PARAMETER]: line }) };
}

/** What profiles and systems have alike and a site has no field for. */
export function reportRest(item: Item, subject: string, report: Report): void {
  const say = (key: string, outcome: 'left' | 'human', message: string) => {
    const place = item.entries.get(key)?.place ?? item.place;
    report[outcome](place, `${subject}: ${key}`, message);
  };
  for (const key of ['autoinstall', 'kickstart']) {
    const file = said(item, key);
    if (file !== undefined)
      say(key, 'human', `${file} is a Cheetah template; choose one of Chainboot's, or write it anew in ERB`);
  }
  if (options(item, 'kernel_options_post').size > 0)
    say('kernel_options_post', 'human', 'options of the installed system belong into its templates');
  if (words(item, 'repos').length > 0)
    say('repos', 'human', `${words(item, 'repos').join(', ')}: repositories belong into templates`);
  for (const key of ['boot_files', 'fetchable_files', 'template_files'])
    if (options(item, key).size > 0) say(key, 'human', 'files of your own have no counterpart');
  if (said(item, 'proxy') !== undefined) say('proxy', 'human', 'give it as the parameter http-proxy');
  if (words(item, 'mgmt_classes').length > 0) say('mgmt_classes', 'left', 'is for configuration management');
  if (said(item, 'dhcp_tag') !== undefined)
    say('dhcp_tag', 'left', 'is for the dhcpd that Cobbler writes for');
  for (const key of ['server', 'next_server', 'next_server_v4', 'next_server_v6'])
    if (said(item, key) !== undefined) say(key, 'left', 'Chainboot serves the loaders itself');
}
