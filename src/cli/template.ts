import { type Command, Option } from 'commander';
import { shippedRecords } from '../app/core.ts';
import type { Site } from '../inventory/site.ts';
import { isShipped, type PartitionTable, type ProvisioningTemplate } from '../inventory/types.ts';
import { requireTemplate } from '../service/preview.ts';
import { EXPORT_KINDS } from '../service/templates/export.ts';
import { withInventory } from './open.ts';
import { printJson, printTable } from './output.ts';
import { templateDeleteVerb } from './template-delete.ts';
import { templateExportVerb } from './template-export.ts';
import { templateImportVerb } from './template-import.ts';
import { templateLintVerb } from './template-lint.ts';
import { templateRenderVerb } from './template-render.ts';
import { globals } from './verbs.ts';

export function templateVerb(program: Command): void {
  const template = program
    .command('template')
    .description('provisioning templates, snippets and partition tables');
  template
    .command('list')
    .description('every template and partition table with its kind')
    .action(async (_options, command: Command) => {
      const { config, json } = globals(command);
      const all = await withInventory(config, async ({ inventory }) => listed(inventory.site));
      if (json) return printJson(all);
      printTable(
        ['NAME', 'KIND', 'ORIGIN'],
        all.map((entry) => [entry.name, entry.kind, origin(entry)]),
      );
    });
  template
    .command('show <name>')
    .description('the text of a template or partition table')
    .addOption(new Option('--kind <kind>', 'when several have this name').choices(EXPORT_KINDS))
    .action(async (name: string, options: { readonly kind?: string }, command: Command) => {
      const { config, json } = globals(command);
      const found = await withInventory(config, async ({ inventory: { site } }) =>
        requireTemplate(site, name, options.kind),
      );
      if (json) return printJson(found);
      process.stdout.write('template' in found ? found.template : found.layout);
    });
  templateImportVerb(template);
  templateExportVerb(template);
  templateDeleteVerb(template);
  templateLintVerb(template);
  templateRenderVerb(template);
}

type Listed = (Omit<ProvisioningTemplate, 'template'> | Omit<PartitionTable, 'layout'>) & {
  readonly kind: string;
  /** Whether a shipped one of its name is behind it. */
  readonly replaces_shipped: boolean;
};

/** Without their texts, by name. */
function listed(site: Site): readonly Listed[] {
  const shipped = shippedRecords();
  const replaces = (record: { id: number; name: string }, among: readonly { name: string }[] = []) =>
    !isShipped(record) && among.some(({ name }) => name === record.name);
  return [
    ...site.list('provisioning_templates').map(({ template: _text, ...rest }) => {
      return { ...rest, replaces_shipped: replaces(rest, shipped.provisioning_templates) };
    }),
    ...site.list('ptables').map(({ layout: _text, ...rest }) => {
      return { ...rest, kind: 'ptable', replaces_shipped: replaces(rest, shipped.ptables) };
    }),
  ].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function origin(record: Listed): string {
  if (isShipped(record)) return 'shipped';
  const locked = record.locked === true ? ', locked' : '';
  return `site${record.replaces_shipped ? ', for a shipped one' : ''}${locked}`;
}
