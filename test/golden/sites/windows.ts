/** Windows hosts of the golden renderings; record ids 700 to 799. */

import type { SiteIndex } from '../../../src/inventory/site.ts';

export function addWindows(_site: SiteIndex): void {}
