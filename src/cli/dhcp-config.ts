import { type Command, Option } from 'commander';
import { previewBase } from '../app/links.ts';
import { outlineOf } from '../dhcp-config/outline.ts';
import { SERVERS, type ServerName } from '../dhcp-config/servers.ts';
import { withInventory } from './open.ts';
import { printJson } from './output.ts';
import { globals } from './verbs.ts';

type Options = { readonly for: ServerName; readonly hosts: boolean; readonly subnets: boolean };

const AFTER = `
Another server then gives out addresses and tells machines to boot from here: firmware gets the loader for its
architecture, and an iPXE gets a script, so that no chainload loop comes about. Print it again when hosts with an address,
subnets or PXE loaders have changed. --json prints what all servers are told.`;

export function dhcpConfigVerb(program: Command): void {
  program
    .command('dhcp-config')
    .description('the configuration of a DHCP server that is not ours, so that machines boot from here')
    .addOption(
      new Option('--for <server>', 'whose configuration').choices(Object.keys(SERVERS)).makeOptionMandatory(),
    )
    .option('--no-hosts', 'without a reservation for each host')
    .option('--no-subnets', 'without the subnets, where the server has them already')
    .addHelpText('after', AFTER)
    .action(async (options: Options, command: Command) => {
      const { config, json } = globals(command);
      const outline = await withInventory(config, async (opened) => {
        const base = previewBase(opened.config);
        return outlineOf(opened.inventory.site, new URL(base).hostname, base);
      });
      const wanted = {
        ...outline,
        hosts: options.hosts ? outline.hosts : [],
        subnets: options.subnets ? outline.subnets : [],
      };
      if (json) return printJson(wanted);
      process.stdout.write(SERVERS[options.for](wanted));
    });
}
