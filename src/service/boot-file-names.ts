/** Kernels and initrds by the names that Foreman gives them on a TFTP server, and templates to loaders without HTTP. */

import { type BaseUrl, mediumUrl } from '../boot/urls.ts';
import { osOf } from '../inventory/association.ts';
import { bootFiles, normalUrl, slug } from '../inventory/bootfiles.ts';
import { DEFAULT_ARCHITECTURE, effectiveHost } from '../inventory/hostgroup.ts';
import type { Site } from '../inventory/site.ts';
import type { Host, Medium, OperatingSystem } from '../inventory/types.ts';

export type NamedBootFile = {
  readonly medium: Medium;
  /** On the medium; undefined when the medium is no directory of ours. */
  readonly path?: string;
};

type System = { readonly os: OperatingSystem; readonly medium: Medium; readonly architecture: string };

/**
 * What `boot/debian-mirror-1A2b3C4d5E6f-linux` is; undefined when it is nothing of any operating system here.
 * @param host who asks, as far as known: its own system is tried first
 * @param base as the machine reaches us: the names of files on media of ours depend on it
 */
export function bootFileNamed(
  site: Site,
  name: string,
  host: Host | undefined,
  base: BaseUrl,
): NamedBootFile | undefined {
  if (!name.startsWith('boot/')) return undefined;
  for (const system of systemsFor(site, name, host)) {
    const found = among(system, name, base);
    if (found !== undefined) return found;
  }
  return undefined;
}

function* systemsFor(site: Site, name: string, host: Host | undefined): Generator<System> {
  if (host !== undefined) yield* systemOfHost(site, host);
  for (const os of site.list('operatingsystems')) {
    for (const title of os.media) {
      const medium = site.get('media', title);
      // Making a name costs a hash: only for media that it can be of.
      if (medium === undefined || !name.includes(slug(medium.name))) continue;
      for (const architecture of new Set([...os.architectures, DEFAULT_ARCHITECTURE]))
        yield { os, medium, architecture };
    }
  }
}

function* systemOfHost(site: Site, declared: Host): Generator<System> {
  const os = osOf(site, declared);
  const { architecture, medium: title = os?.media[0] } = effectiveHost(site, declared);
  const medium = title === undefined ? undefined : site.get('media', title);
  if (os !== undefined && medium !== undefined) yield { os, medium, architecture };
}

function among({ os, medium, architecture }: System, name: string, base: BaseUrl): NamedBootFile | undefined {
  const served = mediumUrl(base, medium.name);
  const files = bootFiles(os, medium, architecture, served);
  if (files === undefined) return undefined;
  const file = [files.kernel, files.initrd, ...Object.values(files.others)].find(({ tftp }) => tftp === name);
  if (file === undefined) return undefined;
  const root = `${normalUrl(served)}/`;
  return file.uri?.startsWith(root) ? { medium, path: file.uri.slice(root.length) } : { medium };
}
