import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { checkedPlan, planningOf } from '../app/site-plan.ts';
import { loadSites } from '../config/site-file.ts';
import { ChainbootError } from '../errors.ts';
import type { Site } from '../inventory/site.ts';
import type { SitePlan } from '../service/apply.ts';
import type { Actor } from '../store/types.ts';
import { lacksAmong, sayLacks } from './building-changed.ts';
import { canAsk, confirmed } from './confirm.ts';
import { lintChanged, sayFindings } from './lint-changed.ts';
import { type Opened, withInventory } from './open.ts';
import { EXIT, printJson, printLine, say } from './output.ts';
import { countLine, planData, planLines } from './plan-print.ts';
import { globals } from './verbs.ts';

type Options = {
  readonly file: readonly string[];
  readonly dryRun?: true;
  readonly prune?: true;
  readonly yes?: true;
};

const AFTER = `
A directory stands for all *.yaml and *.yml below it. All files are one site, taken whole or not at all.
--prune deletes what an earlier apply declared and these files do not; what was made in other ways stays.`;

export function applyVerb(program: Command): void {
  program
    .command('apply')
    .description(
      'declare hosts, subnets, operating systems, media and templates from site files, all or nothing',
    )
    .requiredOption(
      '-f, --file <file>',
      'site file (YAML) or a directory of them, also several times; - reads standard input',
      (file: string, files: readonly string[] = []) => [...files, file],
    )
    .option('--dry-run', 'only say what would change')
    .option('--prune', 'delete what was declared before and is not any more')
    .option('-y, --yes', 'delete without asking')
    .addHelpText('after', AFTER)
    .action(async (options: Options, command: Command) => {
      const { config, json } = globals(command);
      await withInventory(config, (opened) => applyFiles(opened, options, json === true));
    });
}

async function applyFiles(opened: Opened, options: Options, json: boolean): Promise<void> {
  const dryRun = options.dryRun === true;
  const declared = loadSites(options.file);
  const planning = planningOf(opened.config, options.prune === true);
  const plan = (site: Site) => checkedPlan(options.file, declared, site, planning);
  const shown =
    dryRun || options.yes || !canAsk() ? undefined : shownDeletions(plan(opened.inventory.site), json);
  if (shown !== undefined && !(await confirmed(`Delete ${deletions(shown).length} record(s)?`))) {
    say('nothing was changed');
    process.exitCode = EXIT.refused;
    return;
  }
  const done = await opened.inventory.change((site) => {
    const planned = plan(site);
    if (shown !== undefined) refuseOthers(shown, planned);
    return { changes: dryRun ? [] : planned.changes, result: planned };
  }, actor());
  const findings = await lintChanged(opened, done.changes);
  const lacks = await lacksAmong(opened, done.changes);
  if (json) return printJson({ dry_run: dryRun, records: planData(done.records), findings, lacks });
  if (shown === undefined) printPlan(done, dryRun);
  else printLine(countLine(done.records, dryRun));
  sayFindings(findings);
  sayLacks(lacks);
}

/** The plan, shown; undefined when it deletes nothing, and so nothing has to be asked. */
function shownDeletions(plan: SitePlan, json: boolean): SitePlan | undefined {
  if (deletions(plan).length === 0) return undefined;
  // Standard output is for the data.
  if (json) for (const line of planLines(plan.records, false)) say(line);
  else printPlan(plan, true);
  return plan;
}

function deletions({ records }: SitePlan): readonly string[] {
  return records.flatMap(({ action, collection, name }) =>
    action === 'delete' ? `${collection}/${name}` : [],
  );
}

/** Only what was shown and confirmed is deleted. */
function refuseOthers(shown: SitePlan, planned: SitePlan): void {
  const known = new Set(deletions(shown));
  if (deletions(planned).some((record) => !known.has(record))) throw new ChainbootError('SITE_MOVED_ON');
}

/** Whoever became root by sudo is who it was. */
function actor(): Actor {
  const user = process.env.SUDO_USER ?? loginName();
  return { via: 'apply', ...(user !== undefined && { user }) };
}

/** A user without an entry in passwd, as in containers, has none. */
function loginName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

function printPlan({ records }: SitePlan, dryRun: boolean): void {
  const inColour = process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '';
  for (const line of planLines(records, inColour)) printLine(line);
  printLine(countLine(records, dryRun));
}
