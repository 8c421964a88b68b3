/** Templates that are not stored yet, from files: checked as if they were. */

import { ChainbootError, formatProblem } from '../../errors.ts';
import { copyOf, type Site } from '../../inventory/site.ts';
import type { PartitionTable, ProvisioningTemplate } from '../../inventory/types.ts';
import { metadataOf } from '../../template/metadata.ts';
import type { TemplateFile } from '../templates/files.ts';
import { type Target, targetOf } from './audience.ts';

export type Overlay = {
  readonly site: Site;
  readonly targets: readonly Target[];
  /** The file of a template, by its name. */
  readonly files: ReadonlyMap<string, string>;
};

/** Ids for records that no store has given one. */
const FIRST_ID = 2e12;

/**
 * The site as it would be with the files in it. A file takes the place of the template that `as` or else its header
 * names; one without either is a snippet by its own name, which nothing calls. Throws FILE_UNREADABLE.
 */
export function withFiles(stored: Site, sources: Iterable<TemplateFile>, as?: string): Overlay {
  const site = copyOf(stored);
  const targets: Target[] = [];
  const files = new Map<string, string>();
  for (const source of sources) {
    if ('skipped' in source) continue;
    if ('refused' in source) {
      const reason = formatProblem({ file: source.file, path: '', ...source.refused });
      throw new ChainbootError('FILE_UNREADABLE', { name: source.file, reason });
    }
    const record = recordOf(
      source.text,
      as ?? metadataOf(source.text).name ?? source.file,
      site,
      FIRST_ID + targets.length,
    );
    if ('kind' in record) site.put('provisioning_templates', record);
    else site.put('ptables', record);
    targets.push(targetOf(record));
    files.set(record.name, source.file);
  }
  return { site, targets, files };
}

function recordOf(text: string, name: string, site: Site, id: number): ProvisioningTemplate | PartitionTable {
  const { model, kind, oses, os_family } = metadataOf(text);
  const header = { name, ...(oses.length > 0 && { oses }) };
  if (model === 'Ptable') {
    const there = site.get('ptables', name);
    if (there !== undefined) return { ...there, ...header, layout: text };
    return { id, ...header, layout: text, ...(os_family && { os_family }) };
  }
  const there = site.get('provisioning_templates', name);
  if (there !== undefined) return { ...there, ...header, template: text, ...(kind && { kind }) };
  return { id, ...header, kind: kind ?? 'snippet', template: text, locked: false };
}
