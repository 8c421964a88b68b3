/** What a host lacks of boot loaders. */

import { companionsOf, defaultLoaderFiles, loaderFileOf } from '../../boot/loaders.ts';
import type { EffectiveHost } from '../../inventory/hostgroup.ts';
import { type Site, subnetOfInterface } from '../../inventory/site.ts';
import { type Host, provisionInterface } from '../../inventory/types.ts';
import type { BuildCheckDeps } from './deps.ts';
import { type Found, type Lack, lack } from './lacks.ts';

/** Images and boot disks need nothing of the network's loaders. */
export function bootsFromNetwork({ provision_method }: Host): boolean {
  return provision_method === undefined || provision_method === 'build';
}

/** A smart proxy that serves TFTP has loaders of its own, which are not seen from here. */
function isElsewhere(site: Site, host: EffectiveHost): boolean {
  const nic = provisionInterface(host);
  return nic !== undefined && subnetOfInterface(site, nic)?.tftp_proxy !== undefined;
}

export function loaderLacks({ hasLoader }: BuildCheckDeps, site: Site, host: EffectiveHost): Found {
  const { pxe_loader: loader, architecture } = host;
  if (!bootsFromNetwork(host)) return {};
  if (loader === 'None') return { warnings: [lack('no-loader', 'pxe_loader')] };
  if (loader !== undefined) {
    const file = loaderFileOf(loader, architecture);
    if (file === undefined) return {};
    const missing = (name: string): Lack => lack('loader-missing', 'pxe_loader', { file: name, loader });
    if (!hasLoader(file)) return { [isElsewhere(site, host) ? 'warnings' : 'errors']: [missing(file)] };
    const companions = companionsOf(file).filter((name) => !hasLoader(name));
    return { warnings: companions.map(missing) };
  }
  const files = defaultLoaderFiles(architecture);
  if (files.length === 0) return { warnings: [lack('loader-unknown', 'architecture', { architecture })] };
  // Machines whose ROM is iPXE, as virtual ones have, are given none.
  if (files.some(hasLoader)) return {};
  const values = { file: files.join(', '), loader: 'chosen for the firmware' };
  return { warnings: [lack('loader-missing', 'pxe_loader', values)] };
}
