/** Talos hosts of the golden renderings; record ids 500 to 599. */

import type { SiteIndex } from '../../../src/inventory/site.ts';

export function addTalos(_site: SiteIndex): void {}
