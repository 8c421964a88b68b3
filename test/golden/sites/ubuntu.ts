/** Ubuntu hosts of the golden renderings; record ids 300 to 399. */

import type { SiteIndex } from '../../../src/inventory/site.ts';

export function addUbuntu(_site: SiteIndex): void {}
