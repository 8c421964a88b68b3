/** Templates and partition tables that are locked: shipped ones always are. */

import { ChainbootError } from '../../errors.ts';
import type { PartitionTable, ProvisioningTemplate } from '../../inventory/types.ts';
import type { Draft } from '../resource.ts';

/** Throws RECORD_INVALID when the text of a locked one would be another; unlocking it in the same breath is fine. */
export function refuseLocked(
  label: string,
  existing: ProvisioningTemplate | PartitionTable | undefined,
  next: Draft,
  field: 'template' | 'layout',
): void {
  if (existing?.locked !== true || next.locked !== true) return;
  const before = existing as unknown as Draft;
  const changed = ['name', 'kind', field].some((key) => before[key] !== next[key]);
  if (!changed) return;
  const message = 'This template is locked. Please clone it to a new template to customize.';
  throw new ChainbootError('RECORD_INVALID', { count: 1 }, [{ file: label, path: 'base', message }]);
}
