/** The hosts that the golden renderings are made for, a family a file. */

import { SiteIndex } from '../../src/inventory/site.ts';
import { addNetworks } from './sites/common.ts';
import { addCoreos } from './sites/coreos.ts';
import { addDebian } from './sites/debian.ts';
import { addRedhat } from './sites/redhat.ts';
import { addSuse } from './sites/suse.ts';
import { addTalos } from './sites/talos.ts';
import { addUbuntu } from './sites/ubuntu.ts';
import { addWindows } from './sites/windows.ts';

export function goldenSite(): SiteIndex {
  const site = new SiteIndex();
  const families = [addNetworks, addDebian, addRedhat, addUbuntu, addCoreos, addTalos, addSuse, addWindows];
  for (const add of families) add(site);
  return site;
}
