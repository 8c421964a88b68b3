/** What a host lacks of a disk layout. */

import { findPtable, findTemplate, suits } from '../../inventory/association.ts';
import type { EffectiveHost } from '../../inventory/hostgroup.ts';
import type { Site } from '../../inventory/site.ts';
import { type OperatingSystem, type OsFamily, osTitle, type PartitionTable } from '../../inventory/types.ts';
import { type Found, lack } from './lacks.ts';

/** Families that ask for a disk layout in their answers. */
const LAID_OUT: readonly OsFamily[] = ['Debian', 'Redhat', 'Suse', 'Windows', 'Altlinux'];

/** Without one, the answers of the template have a gap there, which installers ask about on the console. */
export function diskLacks(site: Site, host: EffectiveHost, os: OperatingSystem): Found {
  if (!LAID_OUT.includes(os.family) || host.disk || host.provision_method === 'image') return {};
  const ptable = findPtable(site, host);
  if (ptable !== undefined) return foreignTable(ptable, os);
  const found = [lack('no-disk-layout', 'ptable', { os: osTitle(os) })];
  const answers = findTemplate(site, os, 'provision', host);
  // Templates of the site may bring a layout of their own.
  return answers?.template.includes('diskLayout') ? { errors: found } : { warnings: found };
}

/** A table that says nothing of systems is for all of its family. */
function foreignTable(ptable: PartitionTable, os: OperatingSystem): Found {
  const { name, os_family = os.family, oses = [] } = ptable;
  const fits =
    os.ptables.includes(name) || suits(ptable, os) || (oses.length === 0 && os_family === os.family);
  if (fits) return {};
  const ptables = os.ptables.length === 0 ? 'those made for it' : os.ptables.join(', ');
  return { warnings: [lack('ptable-foreign', 'ptable', { ptable: name, os: osTitle(os), ptables })] };
}
