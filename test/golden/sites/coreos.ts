/** Coreos hosts of the golden renderings; record ids 400 to 499. */

import type { SiteIndex } from '../../../src/inventory/site.ts';

export function addCoreos(_site: SiteIndex): void {}
