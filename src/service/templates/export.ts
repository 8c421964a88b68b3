/** Templates as files, laid out and headed as Foreman's sync plugin does it. */

import { suits } from '../../inventory/association.ts';
import type { Site } from '../../inventory/site.ts';
import {
  isShipped,
  osTitle,
  type PartitionTable,
  type ProvisioningTemplate,
  TEMPLATE_KINDS,
} from '../../inventory/types.ts';
import { type Described, withHeader, withoutHeader } from '../../template/header.ts';

/** A header that says what the record says, the text as it was stored, or no header. */
export const HEADER_MODES = ['refresh', 'keep', 'remove'] as const;
export type HeaderMode = (typeof HEADER_MODES)[number];

export const EXPORT_KINDS = [...TEMPLATE_KINDS, 'ptable'] as const;

export type Exportable = {
  readonly name: string;
  /** `ptable` for a partition table. */
  readonly kind: (typeof EXPORT_KINDS)[number];
  readonly shipped: boolean;
  readonly text: string;
  readonly header: Described;
};
export type ExportedFile = {
  readonly name: string;
  readonly kind: Exportable['kind'];
  /** Below the directory of the export. */
  readonly path: string;
  readonly text: string;
};

/** Every template and partition table, by kind and name. */
export function exportables(site: Site): readonly Exportable[] {
  return [
    ...site.list('provisioning_templates').map((record) => ofTemplate(site, record)),
    ...site.list('ptables').map((record) => ofPtable(site, record)),
  ].sort((a, b) => compare(a.kind, b.kind) || compare(a.name, b.name));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function ofTemplate(site: Site, record: ProvisioningTemplate): Exportable {
  const { name, kind, template, description } = record;
  const snippet = kind === 'snippet';
  const oses = systemsOf(site, 'provisioning_templates', record);
  const header: Described = {
    name,
    model: 'ProvisioningTemplate',
    snippet,
    oses,
    ...(!snippet && { kind }),
    ...(description !== undefined && { description }),
  };
  return { name, kind, text: template, shipped: isShipped(record), header };
}

function ofPtable(site: Site, record: PartitionTable): Exportable {
  const { name, layout, snippet = false, description, os_family } = record;
  const header: Described = {
    name,
    model: 'Ptable',
    snippet,
    oses: systemsOf(site, 'ptables', record),
    ...(description !== undefined && { description }),
    ...(os_family !== undefined && { os_family }),
  };
  return { name, kind: 'ptable', text: layout, shipped: isShipped(record), header };
}

/** What it is made for, and the systems that list it besides. */
function systemsOf(
  site: Site,
  list: 'provisioning_templates' | 'ptables',
  record: ProvisioningTemplate | PartitionTable,
): readonly string[] {
  const listing = site
    .list('operatingsystems')
    .filter((os) => os[list].includes(record.name) && !suits(record, os));
  return [...(record.oses ?? []), ...listing.map(osTitle).sort()];
}

export function textOf({ text, header }: Exportable, mode: HeaderMode): string {
  if (mode === 'keep') return text;
  return mode === 'remove' ? withoutHeader(text) : withHeader(text, header);
}

/** Names that make the same file name get a number, in their order. */
export function exportFiles(records: readonly Exportable[], mode: HeaderMode): readonly ExportedFile[] {
  const taken = new Set<string>();
  return records.map((record) => {
    const { name, kind } = record;
    const stem = `${directoryOf(kind)}/${fileNameOf(name)}`;
    let path = `${stem}.erb`;
    for (let number = 2; taken.has(path); number++) path = `${stem}_${number}.erb`;
    taken.add(path);
    return { name, kind, path, text: textOf(record, mode) };
  });
}

function directoryOf(kind: Exportable['kind']): string {
  return kind === 'ptable' ? 'partition_tables_templates' : `provisioning_templates/${kind}`;
}

/** File systems take 255 bytes; a character has four at most. */
const MAX_FILE_NAME = 60;

function fileNameOf(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[ /\\\p{C}]/gu, '_')
    .replace(/^\./, '_');
  return [...plain].slice(0, MAX_FILE_NAME).join('');
}
