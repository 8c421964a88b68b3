/** `chainboot rehearse`: whether machines would boot, by a virtual one that walks the whole way and changes nothing. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { askServer } from '../app/control/client.ts';
import type { Line } from '../app/control/socket.ts';
import type { Told } from '../app/rehearsal/several.ts';
import type { FleetReport } from '../client/fleet.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { ChainbootError } from '../errors.ts';
import { MOST_MACHINES } from '../service/rehearsal/report.ts';
import { EXIT, printJson, printLine, say } from './output.ts';
import { printRehearsal, printVerdict } from './rehearse-print.ts';
import { globals } from './verbs.ts';

export type RehearseOptions = {
  readonly as?: string;
  readonly all?: true;
  readonly texts: boolean;
  readonly own?: true;
  readonly site?: readonly string[];
  readonly timeout: number;
  readonly fleet?: number;
  readonly rate?: number;
  readonly chart?: string;
  readonly target?: string;
  readonly relay?: string;
  readonly allowForeign?: true;
};

const AFTER = `
  chainboot rehearse web1.example.com --as uefi-x64
  chainboot rehearse --all                       every host that is in build mode
  chainboot rehearse --fleet 500 --rate 50       machines at once, and how long each phase takes
  chainboot rehearse --all --site new-site.yaml  as they would be once that is applied

Machines to play: bios-pxe, uefi-x64, uefi-arm64, uefi-http, ipxe, pxelinux, and all other personas of the virtual
client. Unless one is named, it is the one that suits the loader and the architecture of the host.

Nothing is changed: no address is leased, no token used up, nothing counted. The boots are in the trace, marked as
rehearsals. A fleet is made of copies of the named hosts, or of all that are in build mode; it is not in the trace, and
plays against this server, unless --target names another: its machines are strangers there, which take leases, and end
before any installer. Without a running server it is rehearsed against one of its own on loopback.

Exit status: 0 all of them boot, 1 some do not, 2 refused.`;

export function rehearseVerb(program: Command): void {
  program
    .command('rehearse [hosts...]')
    .description(
      'say whether hosts would boot, by walking the whole way with a virtual machine; changes nothing',
    )
    .option(
      '--as <machine>',
      'what the machine is: bios-pxe, uefi-x64, uefi-arm64, uefi-http, ipxe, pxelinux …',
    )
    .option('--all', 'all hosts that are in build mode')
    .option('--no-texts', 'leave out the texts of the files that are rendered')
    .option('--own', 'against a server of its own on loopback, although one may be running')
    .addOption(
      new Option(
        '--site <file>',
        'with these site files applied, in a server of its own; also several times',
      ).argParser((file: string, files: readonly string[] = []) => [...files, file]),
    )
    .option('--timeout <seconds>', 'for each host', seconds, 120)
    .option(
      '--fleet <count>',
      'that many machines at once, with the times of each phase',
      whole(MOST_MACHINES),
    )
    .option('--rate <count>', 'of a fleet, machines that are switched on in a second', whole(MOST_MACHINES))
    .option('--chart <file>', 'of a fleet, a picture of the times (SVG)')
    .option('--target <address>', 'of a fleet, another server, with or without the port of its DHCP')
    .option('--relay <address>', 'of this machine: with --target, as whose relay agent it asks')
    .option('--allow-foreign', 'the target is not on this machine, and may be loaded all the same')
    .addHelpText('after', AFTER)
    .action(async (hosts: readonly string[], options: RehearseOptions, command: Command) => {
      const { config: file, json } = globals(command);
      if (options.fleet !== undefined) return rehearseFleet(loadConfig(file), hosts, options, json === true);
      if ((hosts.length === 0) !== (options.all === true))
        throw new ChainbootError('USAGE', { reason: 'name the hosts, or say --all' });
      const told = await rehearsed(loadConfig(file), hosts, options, json === true);
      if (json) printJson(hosts.length === 1 ? told[0] : told);
      if (told.some(({ boots }) => !boots)) process.exitCode = EXIT.failed;
    });
}

async function rehearseFleet(
  config: Config,
  hosts: readonly string[],
  { fleet: count, as, rate, chart, timeout, own, site, target, relay, allowForeign }: RehearseOptions,
  json: boolean,
): Promise<void> {
  const { playAsked, printFleet, writeChart } = await import('./rehearse-fleet.ts');
  const timeoutMs = Math.round(timeout * 1000);
  const tell = (report: FleetReport) => {
    if (json) printJson(report);
    else printFleet(report);
    if (chart !== undefined) writeChart(chart, report);
    if (report.booted < report.machines) process.exitCode = EXIT.failed;
  };
  if (target !== undefined) {
    const { playTarget } = await import('./rehearse-target.ts');
    const run = {
      count: count ?? 1,
      target,
      as: as ?? 'ipxe',
      isForeignAllowed: allowForeign === true,
      timeoutMs,
    };
    const more = { ...(relay !== undefined && { relay }), ...(rate !== undefined && { rate }) };
    return tell(await playTarget({ ...run, ...more }));
  }
  const body = { count, ...(hosts.length > 0 && { hosts }), ...(as !== undefined && { as }) };
  const lines = await asked(config, '/fleet', body, own === true || site !== undefined, site ?? []);
  tell(await playAsked(lines, { timeoutMs, ...(rate !== undefined && { rate }) }));
}

function whole(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= 1 && value <= most) return value;
    throw new InvalidArgumentError(`a whole number from 1 to ${most}`);
  };
}

function seconds(text: string): number {
  const value = Number(text);
  if (value >= 1 && value <= 3600) return value;
  throw new InvalidArgumentError('1 to 3600 seconds');
}

async function rehearsed(
  config: Config,
  hosts: readonly string[],
  { all, as, timeout, texts, own, site }: RehearseOptions,
  json: boolean,
): Promise<readonly Told[]> {
  const body = {
    ...(!all && { hosts }),
    ...(as !== undefined && { as }),
    timeoutMs: Math.round(timeout * 1000),
  };
  const told: Told[] = [];
  for await (const line of await asked(
    config,
    '/rehearse',
    body,
    own === true || site !== undefined,
    site ?? [],
  )) {
    if (!isTold(line)) continue;
    told.push(line);
    if (!json) print(line, hosts.length === 1, texts);
  }
  if (!json && hosts.length !== 1) summarise(told);
  return told;
}

/** Of the server that runs; else of one of its own. */
async function asked(
  config: Config,
  path: '/rehearse' | '/fleet',
  body: object,
  own: boolean,
  site: readonly string[],
): Promise<AsyncIterable<Line>> {
  const lines = own ? undefined : await askServer(config, path, body);
  if (lines !== undefined) return lines;
  if (!own) say('no server is running: rehearsed against a server of its own on loopback');
  const { askOwnServer } = await import('../app/rehearsal/own-server.ts');
  return askOwnServer(config, path, body, site);
}

function isTold(line: Line): line is Told {
  return 'boots' in line;
}

function print(told: Told, alone: boolean, texts: boolean): void {
  if (alone && 'steps' in told) printRehearsal(told, texts);
  else printVerdict(told);
}

function summarise(told: readonly Told[]): void {
  const failing = told.filter(({ boots }) => !boots).length;
  if (told.length === 0) printLine('no host is in build mode');
  else printLine(`${told.length - failing} of ${told.length} hosts will boot`);
}
