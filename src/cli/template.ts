import type { Command } from 'commander';
import { isShipped } from '../inventory/types.ts';
import { requireTemplate } from '../service/preview.ts';
import { withInventory } from './open.ts';
import { printJson, printTable } from './output.ts';
import { templateExportVerb } from './template-export.ts';
import { templateImportVerb } from './template-import.ts';
import { templateRenderVerb } from './template-render.ts';
import { globals } from './verbs.ts';

export function templateVerb(program: Command): void {
  const template = program.command('template').description('the provisioning templates');
  template
    .command('list')
    .description('every template with its kind')
    .action(async (_options, command: Command) => {
      const { config, json } = globals(command);
      const all = await withInventory(config, async ({ inventory }) =>
        inventory.site.list('provisioning_templates'),
      );
      const sorted = [...all].sort((a, b) => (a.name < b.name ? -1 : 1));
      if (json) return printJson(sorted.map(({ template: _text, ...rest }) => rest));
      printTable(
        ['NAME', 'KIND', 'ORIGIN'],
        sorted.map((entry) => [entry.name, entry.kind, isShipped(entry) ? 'shipped' : 'site']),
      );
    });
  template
    .command('show <name>')
    .description('the text of a template')
    .action(async (name: string, _options, command: Command) => {
      const { config, json } = globals(command);
      const found = await withInventory(config, async ({ inventory }) =>
        requireTemplate(inventory.site, name),
      );
      if (json) return printJson(found);
      process.stdout.write(found.template);
    });
  templateImportVerb(template);
  templateExportVerb(template);
  templateRenderVerb(template);
}
