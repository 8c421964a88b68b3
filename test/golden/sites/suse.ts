/** Suse hosts of the golden renderings; record ids 600 to 699. */

import type { SiteIndex } from '../../../src/inventory/site.ts';

export function addSuse(_site: SiteIndex): void {}
