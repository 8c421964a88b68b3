/** The templates and partition tables that come with Chainboot. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChainbootError, reasonOf } from '../errors.ts';
import type { PartitionTable, ProvisioningTemplate } from '../inventory/types.ts';
import { metadataOf } from './metadata.ts';

export { checkTemplate } from './lint.ts';

export type ShippedLibrary = {
  readonly provisioning_templates: readonly ProvisioningTemplate[];
  readonly ptables: readonly PartitionTable[];
};

/**
 * Every `.erb` file below the directory, by its header. Ids are negative, so that they never meet those of
 * the store. Throws TEMPLATE_FAILED for a file that is neither a template nor a partition table: the library is
 * part of the program.
 */
export function loadLibrary(directory: URL | string): ShippedLibrary {
  const root = directory instanceof URL ? fileURLToPath(directory) : directory;
  const provisioning_templates: ProvisioningTemplate[] = [];
  const ptables: PartitionTable[] = [];
  files(root).forEach((file, i) => {
    const text = readFileSync(join(root, file), 'utf8');
    const { name, kind, model, description, oses } = metadataOf(text);
    const common = { id: -1 - i, locked: true, oses, ...(description !== undefined && { description }) };
    if (name !== undefined && model === 'Ptable') ptables.push({ ...common, name, layout: text });
    else if (name !== undefined && kind !== undefined)
      provisioning_templates.push({ ...common, name, kind, template: text });
    else {
      const reason = 'its header names no name or kind';
      throw new ChainbootError('TEMPLATE_FAILED', { template: file, reason });
    }
  });
  return { provisioning_templates, ptables };
}

function files(root: string): string[] {
  try {
    const found = readdirSync(root, { recursive: true, encoding: 'utf8' });
    return found.filter((file) => file.endsWith('.erb')).sort();
  } catch (error) {
    throw new ChainbootError('TEMPLATE_FAILED', { template: root, reason: reasonOf(error) }, [], error);
  }
}

/** The provisioning templates alone. */
export function loadShippedTemplates(directory: URL | string): readonly ProvisioningTemplate[] {
  return loadLibrary(directory).provisioning_templates;
}
