/** Distros to operating systems and media. */

import { osTitle } from '../../inventory/types.ts';
import type { Entry, SiteDraft } from '../moved.ts';
import type { Report } from '../report.ts';
import type { Item, Settings } from './collections.ts';
import { type System, systemOf } from './systems.ts';
import { mergedOptionMaps, type Options, options, said } from './values.ts';

/** What profiles take from their distro. */
export type Distro = {
  readonly title?: string;
  readonly architecture?: string;
  readonly medium?: string;
  readonly kernelOptions: Options;
  readonly metadata: Options;
};

type Growing = Entry<'operatingsystems'> & { media: string[]; architectures: string[] };

/** By name, and by uid, with which Cobbler 4 refers to them. */
export function addDistros(
  site: SiteDraft,
  items: readonly Item[],
  settings: Settings,
  report: Report,
): ReadonlyMap<string, Distro> {
  const distros = new Map<string, Distro>();
  const systems = new Map<string, Growing>();
  for (const item of items) {
    const distro = distroOf(site, systems, item, settings, report);
    for (const key of [item.name, said(item, 'uid')]) if (key !== undefined) distros.set(key, distro);
  }
  return distros;
}

/** The variables that Cobbler puts into command lines and files by itself. */
const OWN_METADATA = new Set(['tree', 'install_source_directory']);

function distroOf(
  site: SiteDraft,
  systems: Map<string, Growing>,
  item: Item,
  settings: Settings,
  report: Report,
): Distro {
  const subject = `distro ${item.name}`;
  const [breed, version] = [said(item, 'breed') ?? '', said(item, 'os_version') ?? ''];
  const all = options(item, 'autoinstall_meta', 'ks_meta');
  const shared = {
    kernelOptions: options(item, 'kernel_options'),
    metadata: mergedOptionMaps(new Map([...all].filter(([name]) => !OWN_METADATA.has(name)))),
  };
  const system = systemOf(breed, version, item.name);
  if (system === undefined) {
    report.human(
      item.place,
      subject,
      `its system (${breed} ${version}) is not known here: declare it by hand`,
    );
    return shared;
  }
  const architecture = said(item, 'arch')?.toLowerCase();
  const medium = mediumOf(site, item, system, settings, report);
  const title = osTitle(system);
  const entry = systems.get(title);
  if (entry === undefined) {
    const made = {
      ...system,
      media: medium === undefined ? [] : [medium],
      architectures: architecture === undefined ? [] : [architecture],
    };
    systems.set(title, made);
    site.add('operatingsystems', made, item.place);
  } else {
    if (medium !== undefined) entry.media.push(medium);
    if (architecture !== undefined && !entry.architectures.includes(architecture))
      entry.architectures.push(architecture);
  }
  report.taken(item.place, subject, `operating system ${title}`);
  return { title, ...(architecture && { architecture }), ...(medium && { medium }), ...shared };
}

/** Where Cobbler's import puts what it copies from an ISO, with the name of the distro behind it. */
const MIRROR = /^(\/.*\/(?:distro_mirror|ks_mirror)\/[^/]+)\//;

function mediumOf(
  site: SiteDraft,
  item: Item,
  { family }: System,
  { server }: Settings,
  report: Report,
): string | undefined {
  const subject = `distro ${item.name}`;
  const tree = options(item, 'autoinstall_meta', 'ks_meta').get('tree')?.[0];
  const url = tree?.replace(/@@(http_server|server)@@/g, server ?? '@@server@@');
  const isCobblers = tree === undefined || /@@|\/cblr\/|\/cobbler\//.test(tree);
  const directory = MIRROR.exec(said(item, 'kernel') ?? '')?.[1];
  const path = isCobblers ? (directory ?? url) : url;
  if (path === undefined || !/^(\/|https?:\/\/[^/@]+)/.test(path)) {
    report.human(item.place, subject, 'says nowhere where its installation medium is');
    return undefined;
  }
  if (isCobblers && directory !== undefined)
    report.human(
      item.place,
      subject,
      `its medium is the directory ${directory}: copy it where Chainboot runs`,
    );
  else if (isCobblers)
    report.human(item.place, subject, `its medium is on the web server of Cobbler: ${path}`);
  const name = item.name.replaceAll('/', '-');
  site.add('media', { name, path, os_family: family }, item.place);
  report.taken(item.place, subject, `medium ${name}: ${path}`);
  return name;
}
