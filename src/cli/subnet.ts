import type { Command } from 'commander';
import { ChainbootError } from '../errors.ts';
import { ipamOf } from '../inventory/free-address.ts';
import type { Site } from '../inventory/site.ts';
import type { Subnet } from '../inventory/types.ts';
import { parseMac } from '../net/mac.ts';
import { withLifeCycle } from './building.ts';
import { withInventory } from './open.ts';
import { printJson, printLine, printTable } from './output.ts';
import { globals } from './verbs.ts';

export function subnetVerb(program: Command): void {
  const subnet = program.command('subnet').description('the subnets and their free addresses');
  listVerb(subnet);
  freeIpVerb(subnet);
}

function listVerb(subnet: Command): void {
  subnet
    .command('list')
    .description('every subnet with its pool and how it gives addresses to hosts')
    .action(async (_options, command: Command) => {
      const { config, json } = globals(command);
      const subnets = await withInventory(config, async ({ inventory: { site } }) => site.list('subnets'));
      if (json) return printJson(subnets);
      printTable(['NAME', 'NETWORK', 'POOL', 'GATEWAY', 'IPAM'], subnets.map(row));
    });
}

function row(subnet: Subnet): readonly string[] {
  const { name, network, from, to, gateway } = subnet;
  return [name, network, from === undefined ? '' : `${from} - ${to}`, gateway ?? '', ipamOf(subnet)];
}

const AFTER = `
Free is what no host has, nobody has leased, and nobody answers for on a link that is served here. With --mac, a subnet
whose ipam is EUI-64 makes the address of it.`;

function freeIpVerb(subnet: Command): void {
  subnet
    .command('free-ip <name>')
    .description('a free address of the subnet; nothing is changed')
    .option('--mac <mac>', 'hardware address of the interface that is to have it')
    .addHelpText('after', AFTER)
    .action(async (name: string, options: { readonly mac?: string }, command: Command) => {
      const { config, json } = globals(command);
      const mac = options.mac === undefined ? undefined : parseMac(options.mac);
      if (options.mac !== undefined && mac === undefined)
        throw new ChainbootError('USAGE', { reason: `"${options.mac}" is not a MAC address` });
      const freeip = await withInventory(config, (opened) => {
        const { site } = opened.inventory;
        const found = requireSubnet(site, name);
        return withLifeCycle(opened, ({ ipam }) => ipam.freeIp(site, found, { mac }));
      });
      if (json) return printJson({ subnet: name, freeip: freeip ?? null });
      if (freeip === undefined)
        throw new ChainbootError('SUBNET_FULL', { subnet: name, host: 'another host' });
      printLine(freeip);
    });
}

function requireSubnet(site: Site, name: string): Subnet {
  const subnet = site.get('subnets', name);
  if (subnet === undefined) throw new ChainbootError('NOT_FOUND', { kind: 'subnet', name });
  return subnet;
}
