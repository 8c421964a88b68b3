/** `chainboot why`: the last thing that worked, what should have come next, the cause, the evidence and the fix. */

import type { Command } from 'commander';
import { lookUpCode } from '../boot/diagnose/codes/lookup.ts';
import { RULES } from '../boot/diagnose/rules.ts';
import type { Diagnosis } from '../boot/diagnose/types.ts';
import { leasesFile, neighboursFile } from '../config/load.ts';
import { ChainbootError } from '../errors.ts';
import { formatIpv4 } from '../net/ip.ts';
import { type DiagnosisDeps, diagnoseBoot, diagnoseMachine, isFault } from '../service/diagnosis.ts';
import { readLeases } from '../store/leases/read.ts';
import { loadNeighbours } from '../store/neighbours.ts';
import { withLifeCycle } from './building.ts';
import { type Opened, withInventory } from './open.ts';
import { clock, EXIT, printJson, printLine, printTable } from './output.ts';
import { globals } from './verbs.ts';

type Options = { readonly boot?: string; readonly code?: string; readonly rules?: true };

const AFTER = `
Examples:
  chainboot why web1.example.com
  chainboot why 52:54:00:12:34:56
  chainboot why --boot last
  chainboot why --code PXE-E53                       a code on the screen of a machine
  chainboot why --code https://ipxe.org/040ee119

Exit status: 0 it booted, or goes on; 1 something is wrong; 2 the request was refused.`;

export function whyVerb(program: Command): void {
  program
    .command('why [machine]')
    .description('why a machine (host, MAC or address) did not boot, and what mends it')
    .option('--boot <id>', 'this boot in place of the newest; `last` is the newest of all')
    .option('--code <code>', 'what an error code of a PXE ROM or of iPXE means')
    .option('--rules', 'list everything that can be told')
    .addHelpText('after', AFTER)
    .action(async (machine: string | undefined, options: Options, command: Command) => {
      const { config, json } = globals(command);
      if (options.rules) return printRules(json === true);
      if (options.code !== undefined) return printCode(options.code, json === true);
      if ((machine === undefined) === (options.boot === undefined))
        throw new ChainbootError('USAGE', {
          reason: 'name a host, a MAC address, an address, or a boot with --boot',
        });
      const diagnosis = await withInventory(config, (opened) => diagnosed(opened, machine, options.boot));
      if (json) printJson(diagnosis);
      else printDiagnosis(machine ?? diagnosis.boot ?? '', diagnosis);
      if (isFault(diagnosis)) process.exitCode = EXIT.failed;
    });
}

async function diagnosed(
  opened: Opened,
  machine: string | undefined,
  boot: string | undefined,
): Promise<Diagnosis> {
  const { config, store, inventory } = opened;
  const leases = await readLeases(leasesFile(config));
  const macs = new Map(leases.map(({ ip, mac }) => [formatIpv4(ip), mac]));
  return withLifeCycle(opened, async ({ check }) => {
    const deps: DiagnosisDeps = {
      boots: store.boots,
      site: () => inventory.site,
      check,
      neighbours: () => loadNeighbours(neighboursFile(config)),
      leasedTo: (address) => macs.get(address),
      now: Date.now,
    };
    if (boot === undefined) return diagnoseMachine(deps, machine!);
    const id = boot === 'last' ? (await store.boots.boots({ limit: 1 }))[0]?.id : boot;
    return diagnoseBoot(deps, id ?? boot);
  });
}

function printDiagnosis(asked: string, diagnosis: Diagnosis): void {
  const { code, worked, expected, cause, fix, source, evidence, also, notes } = diagnosis;
  printLine(`${asked}: ${code}`);
  printLine(`  ${cause}`);
  printPart('fix', fix);
  printPart('worked', worked ?? 'nothing was heard of it');
  printPart('next', expected);
  for (const { at, sentence } of evidence) printPart('seen', `${clock(at)} ${sentence}`);
  printPart('source', source);
  for (const other of also) printPart('also', `${other.code}: ${other.cause}; ${other.fix}`);
  for (const one of notes) printPart('note', `${one.code}: ${one.sentence}`);
}

function printPart(name: string, text: string | undefined): void {
  if (text !== undefined) printLine(`  ${`${name}:`.padEnd(8)} ${text}`);
}

function printRules(json: boolean): void {
  const rules = RULES.map(({ match: _match, ...words }) => words);
  if (json) printJson(rules);
  else
    printTable(
      ['CODE', 'KIND', 'SYMPTOM'],
      rules.map(({ code, kind, symptom }) => [code, kind, symptom]),
    );
}

/** Throws USAGE. */
function printCode(code: string, json: boolean): void {
  const known = lookUpCode(code);
  if (known === undefined)
    throw new ChainbootError('USAGE', { reason: `"${code}" is neither a PXE-E code nor a number of iPXE` });
  if (json) {
    printJson(known);
    return;
  }
  printLine(`${known.code}: ${known.cause}`);
  printPart('fix', known.fix);
}
