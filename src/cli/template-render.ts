import type { Command } from 'commander';
import { previewBase } from '../app/links.ts';
import { requireHost } from '../service/hosts.ts';
import { previewText, requireTemplate } from '../service/preview.ts';
import { RenderPool } from '../template/pool.ts';
import { type Opened, withInventory } from './open.ts';
import { printJson } from './output.ts';
import { globals } from './verbs.ts';

type Options = { readonly host: string };

export function templateRenderVerb(template: Command): void {
  template
    .command('render <name>')
    .description('what a host would get, from the same code that answers the host')
    .requiredOption('--host <host>', 'the host to render for')
    .action(async (name: string, options: Options, command: Command) => {
      const { config, json } = globals(command);
      const text = await withInventory(config, (opened) => renderedText(opened, name, options.host));
      if (json) return printJson({ template: name, host: options.host, text });
      process.stdout.write(text);
    });
}

async function renderedText({ inventory, config }: Opened, name: string, hostName: string): Promise<string> {
  const pool = new RenderPool({ workers: 1, timeoutMs: config.templates.timeout_ms });
  try {
    const { site } = inventory;
    const host = requireHost(site, hostName);
    const template = requireTemplate(site, name);
    pool.setLibrary(site.list('provisioning_templates'));
    return await previewText({ site, pool, base: previewBase(config), now: Date.now }, template, host);
  } finally {
    await pool.close();
  }
}
