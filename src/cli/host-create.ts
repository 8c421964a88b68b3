import type { Command } from 'commander';
import { ChainbootError } from '../errors.ts';
import { provisionInterface } from '../inventory/types.ts';
import { createHost, deleteHost, hostDeclaration } from '../service/host-records.ts';
import { withLifeCycle } from './building.ts';
import { inBuildMode, sayWarnings } from './host-build.ts';
import { CLI, withInventory } from './open.ts';
import { printJson, printLine } from './output.ts';
import { publicHost } from './public-host.ts';
import { globals } from './verbs.ts';

const AFTER = `
  chainboot host create web1.example.com --mac 52:54:00:12:34:56 --hostgroup base/web --build
  chainboot host create db1.example.com --mac 52:54:00:12:34:57 --subnet lab --os "Debian 12"

Without --ip, a host in a subnet that gives addresses (its ipam is not None) gets the next free one. Hosts with more
than one interface are declared in a site file: see chainboot apply.`;

type Options = {
  readonly mac?: string;
  readonly ip?: string;
  readonly ip6?: string;
  readonly subnet?: string;
  readonly subnet6?: string;
  readonly domain?: string;
  readonly hostgroup?: string;
  readonly os?: string;
  readonly arch?: string;
  readonly medium?: string;
  readonly ptable?: string;
  readonly pxeLoader?: string;
  readonly rootPass?: string;
  readonly comment?: string;
  readonly parameter: readonly string[];
  readonly build?: true;
  readonly force?: true;
};

export function createVerb(host: Command): void {
  host
    .command('create <name>')
    .description('make a host with one interface')
    .option('--mac <mac>', 'hardware address of its interface')
    .option('--ip <address>', 'IPv4 address')
    .option('--ip6 <address>', 'IPv6 address')
    .option('--subnet <name>', 'IPv4 subnet of the interface')
    .option('--subnet6 <name>', 'IPv6 subnet of the interface')
    .option('--domain <name>', 'domain of the interface')
    .option('--hostgroup <title>', 'hostgroup: what it leaves out comes from there')
    .option('--os <title>', 'operating system')
    .option('--arch <name>', 'architecture')
    .option('--medium <name>', 'installation medium')
    .option('--ptable <name>', 'partition table')
    .option('--pxe-loader <name>', 'PXE loader, by the names of Foreman')
    .option('--root-pass <hash>', 'crypt(3) hash of the password of root')
    .option('--comment <text>', 'comment')
    .option('--parameter <name=value>', 'a parameter; may be given again', collected, [])
    .option('--build', 'put it into build mode: its next network boot installs it')
    .option('--force', 'with --build: also when something is missing for it')
    .addHelpText('after', AFTER)
    .action(async (name: string, options: Options, command: Command) => {
      const { config, json } = globals(command);
      const declaration = hostDeclaration(fieldsOf(name, options));
      const { host: made, warnings } = await withInventory(config, (opened) =>
        withLifeCycle(opened, (cycle) =>
          createHost(opened.inventory, declaration, {
            ...cycle,
            actor: CLI,
            force: options.force === true,
          }),
        ),
      );
      sayWarnings(made.name, warnings);
      if (json) return printJson({ ...publicHost(made), warnings });
      const nic = provisionInterface(made);
      const addresses = [nic?.mac, nic?.ip, nic?.ip6].filter((part) => part !== undefined).join(' ');
      printLine(`${made.name} is made${addresses === '' ? '' : `: ${addresses}`}`);
      if (made.build) printLine(inBuildMode(made));
    });
}

function collected(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function fieldsOf(name: string, options: Options): Readonly<Record<string, unknown>> {
  const { os, arch, pxeLoader, rootPass, parameter, force: _force, build = false, ...same } = options;
  const renamed = { operatingsystem: os, architecture: arch, pxe_loader: pxeLoader, root_pass: rootPass };
  const given = Object.entries({ ...same, ...renamed }).filter(([, value]) => value !== undefined);
  return { name, build, parameters: parametersOf(parameter), ...Object.fromEntries(given) };
}

/** What is JSON is taken as such: `--parameter retries=3` is a number. */
function parametersOf(given: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    given.map((text) => {
      const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
      if (name === undefined || value === undefined)
        throw new ChainbootError('USAGE', { reason: `--parameter takes NAME=VALUE, not "${text}"` });
      return [name, jsonOr(value)];
    }),
  );
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function deleteVerb(host: Command): void {
  host
    .command('delete <name>')
    .description('delete a host')
    .action(async (name: string, _options, command: Command) => {
      const { config, json } = globals(command);
      const gone = await withInventory(config, ({ inventory }) => deleteHost(inventory, name, CLI));
      if (json) return printJson({ deleted: gone.name });
      printLine(`${gone.name} is deleted`);
    });
}
