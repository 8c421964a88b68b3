/** What every source of files goes on with: written as a site file, or planned and applied as one transaction. */

import { randomUUID } from 'node:crypto';
import { type Command, Option } from 'commander';
import { stringify } from 'yaml';
import { loaderDirectories } from '../config/load.ts';
import { ChainbootError, type Problem } from '../errors.ts';
import { makeToken } from '../inventory/build.ts';
import { SITE_SCHEMA } from '../inventory/schema.ts';
import type { Site } from '../inventory/site.ts';
import { isInstalled } from '../media/loader-files.ts';
import { type Fault, problemOf, refusals, titleOf, withoutFaulty, withoutLoaders } from '../moving/faults.ts';
import type { Moved } from '../moving/moved.ts';
import { overExisting } from '../moving/update.ts';
import { type LoadedSite, type PlanOptions, planSite, type SitePlan } from '../service/apply.ts';
import { changeRecords } from '../service/records.ts';
import { counts, reportLines, writeOut, writeReport } from './import-report.ts';
import { type Opened, withInventory } from './open.ts';
import { printJson, printLine, say } from './output.ts';
import { globals } from './verbs.ts';

export type ImportOptions = {
  readonly output?: string;
  readonly dryRun?: true;
  readonly report?: string;
  readonly partial?: true;
  readonly update?: true;
};

/** The options that all sources have. */
export function withImportOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '-o, --output <file>',
        'write a site file and change nothing; - writes it to standard output',
      ).conflicts(['dryRun', 'update']),
    )
    .option('--dry-run', 'only say what would change')
    .option('--partial', 'take what can be taken; without it, all or nothing')
    .option('--update', 'change records that are here already and say otherwise')
    .option('--report <file>', 'write the whole report to a file (JSON if its name ends with .json)');
}

type Import = { readonly file: string; readonly source: string; readonly options: ImportOptions };

/** @throws ChainbootError IMPORT_REFUSED, IMPORT_EXISTS */
export async function bringIn(
  moved: Moved,
  { file, source, options }: Import,
  command: Command,
): Promise<void> {
  const { report, output, partial } = options;
  if (report !== undefined) writeReport(report, moved.notes);
  const refused = refusals(moved.notes);
  if (refused.length > 0 && !partial) throw refusal(file, refused);
  const { json, config } = globals(command);
  const checked = checkedSite(moved, file, partial === true);
  if (output !== undefined) {
    writeSite(output, checked, source, file);
    if (report !== undefined) writeReport(report, checked.notes);
    for (const line of sayable(checked)) say(line);
    return;
  }
  const { plan, taken } = await withInventory(config, (opened) => apply(checked, file, options, opened));
  if (report !== undefined) writeReport(report, taken.notes);
  const { notes } = taken;
  const dry_run = options.dryRun === true;
  if (json) return printJson({ dry_run, records: plan.records, counts: counts(notes), notes });
  printPlan(plan, dry_run);
  for (const line of sayable(taken)) printLine(line);
}

function refusal(file: string, problems: readonly Problem[]): ChainbootError {
  return new ChainbootError('IMPORT_REFUSED', { file, count: problems.length }, problems);
}

/** What the schema of site files says of it. */
function checkedSite(moved: Moved, file: string, partial: boolean): Moved {
  const parsed = SITE_SCHEMA.safeParse(moved.site);
  if (parsed.success) return moved;
  return withoutOrRefused(moved, parsed.error.issues, file, partial);
}

function withoutOrRefused(moved: Moved, faults: readonly Fault[], file: string, partial: boolean): Moved {
  const rest = partial ? withoutFaulty(moved, faults) : undefined;
  if (rest !== undefined) return rest;
  throw refusal(
    file,
    faults.map((fault) => problemOf(fault, moved, file)),
  );
}

function writeSite(output: string, { site }: Moved, source: string, file: string): void {
  const text = `# From ${file}, by chainboot ${source}.\n${stringify(site)}`;
  if (output === '-') process.stdout.write(text);
  else writeOut(output, text);
}

/** Of the report, what is more than the plan. */
function sayable({ notes }: Moved): readonly string[] {
  const { taken, left, human, refused } = counts(notes);
  const summary = `${taken} taken, ${left} left out, ${human} to look at, ${refused} refused`;
  return [...reportLines(notes, ['left', 'human', 'refused']), summary];
}

type Applied = { readonly plan: SitePlan; readonly taken: Moved };

async function apply(
  moved: Moved,
  file: string,
  options: ImportOptions,
  { config, inventory }: Opened,
): Promise<Applied> {
  const now = Date.now();
  const planning: PlanOptions = {
    makeToken: () => makeToken(randomUUID(), now, config.token_duration),
    now,
    hasLoader: (name) => isInstalled(loaderDirectories(config), name),
  };
  const { result } = await changeRecords(inventory, { via: 'import' }, (current) => {
    const applied = planned(moved, current, planning, file, options.partial === true);
    if (!options.update) refuseChanges(applied, file);
    return { changes: options.dryRun ? [] : applied.plan.changes, result: applied };
  });
  return result;
}

/** Plans until nothing is wrong; every round leaves at least one record out. */
function planned(
  moved: Moved,
  current: Site,
  planning: PlanOptions,
  file: string,
  partial: boolean,
): Applied {
  let taken = moved;
  for (;;) {
    const over = overExisting(taken, current);
    const plan = planSite(SITE_SCHEMA.parse(over.site) as LoadedSite, current, planning);
    if (plan.faults.length === 0) return { plan, taken };
    taken = withoutLoaders(taken, plan.faults) ?? withoutOrRefused(taken, plan.faults, file, partial);
  }
}

function refuseChanges({ plan, taken }: Applied, file: string): void {
  const problems = plan.records
    .filter(({ action }) => action === 'change')
    .map(({ collection, name }): Problem => {
      const entries = (taken.site[collection as keyof typeof taken.site] ?? []) as readonly object[];
      const index = Array.isArray(entries)
        ? entries.findIndex((entry) => titleOf(collection, entry) === name)
        : -1;
      const place = taken.places[collection]?.[index] ?? { file };
      return { ...place, path: name, message: `is one of the ${collection} here already, and differs` };
    });
  if (problems.length > 0)
    throw new ChainbootError('IMPORT_EXISTS', { file, count: problems.length }, problems);
}

const MARKS: Readonly<Record<string, string>> = { create: '+', change: '~' };

function printPlan({ records }: SitePlan, dryRun: boolean): void {
  for (const { action, collection, name } of records)
    if (action in MARKS) printLine(`${MARKS[action]} ${collection} ${name}`);
  const count = (action: string) => records.filter((record) => record.action === action).length;
  const verb = dryRun ? 'would be ' : '';
  printLine(
    `${count('create')} ${verb}created, ${count('change')} ${verb}changed, ${count('keep')} unchanged`,
  );
}
