import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { loaderDirectories } from '../config/load.ts';
import { loadSite, type SiteFile } from '../config/site-file.ts';
import { ChainbootError } from '../errors.ts';
import { makeToken } from '../inventory/build.ts';
import { isInstalled } from '../media/loader-files.ts';
import { planSite, type SitePlan } from '../service/apply.ts';
import { lacksAmong, sayLacks } from './building-changed.ts';
import { lintChanged, sayFindings } from './lint-changed.ts';
import { withInventory } from './open.ts';
import { printJson, printLine } from './output.ts';
import { globals } from './verbs.ts';

type Options = { readonly file: string; readonly dryRun?: true };

export function applyVerb(program: Command): void {
  program
    .command('apply')
    .description(
      'declare hosts, subnets, operating systems, media and templates from a site file, all or nothing',
    )
    .requiredOption('-f, --file <file>', 'site file (YAML); - reads standard input')
    .option('--dry-run', 'only say what would change')
    .action(async (options: Options, command: Command) => {
      const { config, json } = globals(command);
      const { plan, findings, lacks } = await withInventory(config, async (opened) => {
        const { config: settings, inventory } = opened;
        const declared = loadSite(options.file);
        const now = Date.now();
        const hasLoader = (name: string) => isInstalled(loaderDirectories(settings), name);
        const makeTokenNow = () => makeToken(randomUUID(), now, settings.token_duration);
        const plan = await inventory.change((current) => {
          const planned = planSite(declared.site, current, { makeToken: makeTokenNow, now, hasLoader });
          refuseFaults(options.file, planned, declared);
          return { changes: options.dryRun ? [] : planned.changes, result: planned };
        });
        return {
          plan,
          findings: await lintChanged(opened, plan.changes),
          lacks: await lacksAmong(opened, plan.changes),
        };
      });
      if (json)
        return printJson({ dry_run: options.dryRun === true, records: plan.records, findings, lacks });
      printPlan(plan, options.dryRun === true);
      sayFindings(findings);
      sayLacks(lacks);
    });
}

function refuseFaults(file: string, { faults }: SitePlan, { problems, locate }: SiteFile): void {
  const all = [...problems, ...faults.map((fault) => locate(fault.path, fault.message, fault.suggestion))];
  if (all.length > 0) throw new ChainbootError('SITE_INVALID', { file, count: all.length }, all);
}

function printPlan({ records }: SitePlan, dryRun: boolean): void {
  const marks = { create: '+', change: '~', keep: ' ' } as const;
  for (const { action, collection, name } of records) {
    if (action !== 'keep') printLine(`${marks[action]} ${collection} ${name}`);
  }
  const count = (action: SitePlan['records'][number]['action']) =>
    records.filter((record) => record.action === action).length;
  const verb = dryRun ? 'would be ' : '';
  printLine(
    `${count('create')} ${verb}created, ${count('change')} ${verb}changed, ${count('keep')} unchanged`,
  );
}
