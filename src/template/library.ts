/** The templates that come with Chainboot. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChainbootError, reasonOf } from '../errors.ts';
import type { ProvisioningTemplate } from '../inventory/types.ts';
import { metadataOf } from './metadata.ts';

export { checkTemplate } from './lint.ts';

/**
 * Every `.erb` file below the directory, by its header. Ids are negative, so that they never meet those of
 * the store. Throws TEMPLATE_FAILED for a file without name and kind: the library is part of the program.
 */
export function loadShippedTemplates(directory: URL | string): ProvisioningTemplate[] {
  const root = directory instanceof URL ? fileURLToPath(directory) : directory;
  return files(root).map((file, i) => load(join(root, file), -1 - i));
}

function files(root: string): string[] {
  try {
    const found = readdirSync(root, { recursive: true, encoding: 'utf8' });
    return found.filter((file) => file.endsWith('.erb')).sort();
  } catch (error) {
    throw new ChainbootError('TEMPLATE_FAILED', { template: root, reason: reasonOf(error) }, [], error);
  }
}

function load(file: string, id: number): ProvisioningTemplate {
  const template = readFileSync(file, 'utf8');
  const { name, kind, description, oses } = metadataOf(template);
  if (name === undefined || kind === undefined) {
    throw new ChainbootError('TEMPLATE_FAILED', {
      template: file,
      reason: 'its header names no name or kind',
    });
  }
  return { id, name, kind, template, locked: true, oses, ...(description !== undefined && { description }) };
}
