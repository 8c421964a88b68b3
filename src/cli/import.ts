/** `chainboot import`: what other servers are configured with becomes a site. */

import type { Command } from 'commander';
import { readText } from '../config/load.ts';
import { ChainbootError } from '../errors.ts';
import { moveCobbler } from '../moving/cobbler/move.ts';
import { moveDhcpd } from '../moving/dhcpd/move.ts';
import { moveDnsmasq } from '../moving/dnsmasq/move.ts';
import { moveKea } from '../moving/kea/move.ts';
import type { Moved } from '../moving/moved.ts';
import { parseIpv4 } from '../net/ip.ts';
import { filesBelow, filesBeside } from '../ops/files-below.ts';
import { addressesOf, linksHere } from './import-files.ts';
import { importForemanVerb } from './import-foreman.ts';
import { bringIn, type ImportOptions, withImportOptions } from './import-run.ts';

type FileOptions = ImportOptions & { readonly root?: string };
type Make = (file: string, options: FileOptions) => Moved | Promise<Moved>;

export function importVerb(program: Command): void {
  const verb = program
    .command('import')
    .description('move in: hosts, subnets and pools of another server become a site');
  source(verb, 'dhcpd', 'dhcpd.conf or dhcpd.leases of ISC dhcpd', fromDhcpd);
  source(verb, 'dnsmasq', 'dnsmasq.conf', fromDnsmasq).option(
    '--self <address>',
    'address of the machine dnsmasq runs on, which it announces as router and name server',
  );
  source(verb, 'kea', 'kea-dhcp4.conf', fromKea);
  source(verb, 'cobbler', '/var/lib/cobbler, with its collections', fromCobbler, 'directory');
  importForemanVerb(verb);
}

function source(verb: Command, name: string, what: string, make: Make, argument = 'file'): Command {
  const command = verb
    .command(`${name} <${argument}>`)
    .description(what)
    .option('--root <directory>', 'where the files of that machine were copied to: its / is here');
  return withImportOptions(command).action(async (file: string, options: FileOptions, self: Command) =>
    bringIn(await make(file, options), { file, source: `import ${name}`, options }, self),
  );
}

async function fromDhcpd(file: string, { root }: FileOptions): Promise<Moved> {
  const [text, files] = [readText(file), filesBeside(file, root)];
  const names = new Set<string>();
  const moved = moveDhcpd(text, file, files, (name) => {
    names.add(name);
    return [];
  });
  if (names.size === 0) return moved;
  const addresses = await addressesOf([...names]);
  return moveDhcpd(text, file, files, (name) => addresses.get(name) ?? []);
}

function fromDnsmasq(file: string, options: FileOptions & { readonly self?: string }): Moved {
  const { root, self } = options;
  if (self !== undefined && parseIpv4(self) === undefined)
    throw new ChainbootError('USAGE', { reason: `--self ${self} is not an IPv4 address` });
  const context = { links: linksHere(), ...(self !== undefined && { self }) };
  return moveDnsmasq(readText(file), file, filesBeside(file, root), context);
}

function fromKea(file: string, { root }: FileOptions): Moved {
  return moveKea(readText(file), file, filesBeside(file, root));
}

function fromCobbler(directory: string, { root }: FileOptions): Moved {
  return moveCobbler(directory, filesBelow(directory, root));
}
