import type { Command } from 'commander';
import { previewBase } from '../app/links.ts';
import { ChainbootError } from '../errors.ts';
import type { Site } from '../inventory/site.ts';
import { isShipped, type ProvisioningTemplate, provisionInterface } from '../inventory/types.ts';
import { renderFor } from '../service/answers.ts';
import { requireHost } from '../service/hosts.ts';
import { RenderPool } from '../template/pool.ts';
import { withInventory } from './open.ts';
import { printJson, printTable } from './output.ts';
import { templateExportVerb } from './template-export.ts';
import { templateImportVerb } from './template-import.ts';
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
  template
    .command('render <name>')
    .description('what a host would get, from the same code that answers the host')
    .requiredOption('--host <host>', 'the host to render for')
    .action(async (name: string, options: { readonly host: string }, command: Command) => {
      const { config, json } = globals(command);
      const text = await withInventory(config, async ({ inventory, config: settings }) => {
        const pool = new RenderPool({ workers: 1, timeoutMs: settings.templates.timeout_ms });
        try {
          const { site } = inventory;
          const host = requireHost(site, options.host);
          const found = requireTemplate(site, name);
          pool.setLibrary(site.list('provisioning_templates'));
          const mac = provisionInterface(host)?.mac;
          const deps = { site: () => site, pool, now: Date.now };
          const outcome = await renderFor(deps, found, {
            kind: found.kind,
            host,
            base: previewBase(settings),
            mac,
          });
          if (outcome instanceof ChainbootError) throw outcome;
          return outcome;
        } finally {
          await pool.close();
        }
      });
      if (json) return printJson({ template: name, host: options.host, text });
      process.stdout.write(text);
    });
}

function requireTemplate(site: Site, name: string): ProvisioningTemplate {
  const found = site.get('provisioning_templates', name);
  if (found === undefined) throw new ChainbootError('NOT_FOUND', { kind: 'template', name });
  return found;
}
