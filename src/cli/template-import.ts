import { type Command, InvalidArgumentError, Option } from 'commander';
import { ChainbootError, formatProblem, reasonOf } from '../errors.ts';
import type { LintFinding } from '../service/lint/collect.ts';
import { changeRecords } from '../service/records.ts';
import { candidateOf } from '../service/templates/candidate.ts';
import type { Ambiguity } from '../service/templates/defaults.ts';
import { templateFiles } from '../service/templates/files.ts';
import {
  ASSOCIATE,
  type ImportOptions,
  type ImportPlan,
  type Outcome,
  planImport,
} from '../service/templates/import.ts';
import { lintChanged, sayFindings } from './lint-changed.ts';
import { withInventory } from './open.ts';
import { EXIT, printJson, printLine } from './output.ts';
import { globals } from './verbs.ts';

type Options = {
  readonly associate: ImportOptions['associate'];
  readonly lock?: boolean;
  readonly default?: true;
  readonly force?: true;
  readonly prefix?: string;
  readonly filter?: RegExp;
  readonly negate?: true;
  readonly dryRun?: true;
};

const AFTER = `
Exit status: 0 when every file was taken or skipped, 1 when one was refused, 2 when nothing was looked at.
The files that are not refused are stored together, or, when the command is interrupted, not at all.`;

export function templateImportVerb(template: Command): void {
  template
    .command('import <path...>')
    .description("templates, snippets and partition tables from files with Foreman's metadata header")
    .addOption(
      new Option(
        '--associate <when>',
        'take the operating systems of the header for new templates, always or never',
      )
        .choices(ASSOCIATE)
        .default('new'),
    )
    .option('--default', 'make each the default of its kind for the systems it suits')
    .option('--lock', 'lock what is imported')
    .option('--no-lock', 'unlock what is imported')
    .option('--force', 'overwrite locked templates')
    .option('--prefix <text>', 'put this before every name that does not begin with it')
    .option('--filter <regex>', 'only names that match, in upper or lower case', regex)
    .option('--negate', 'only names that do not match --filter')
    .option('--dry-run', 'only say what would change')
    .addHelpText('after', AFTER)
    .action(async (paths: readonly string[], options: Options, command: Command) => {
      const { config, json } = globals(command);
      const { plan, findings } = await importTemplates(config, paths, options);
      if (json) printJson({ ...asJson(plan, options), findings });
      else {
        printPlan(plan, options);
        sayFindings(findings);
      }
      if (plan.outcomes.some(({ outcome }) => outcome === 'refused')) process.exitCode = EXIT.failed;
    });
}

/** The value of `--filter`. */
export function regex(text: string): RegExp {
  try {
    return new RegExp(text, 'i');
  } catch (error) {
    throw new InvalidArgumentError(reasonOf(error));
  }
}

type Imported = { readonly plan: ImportPlan; readonly findings: readonly LintFinding[] };

/** Everything is read and checked before the database is locked; what is stored is rendered for a few hosts. */
async function importTemplates(
  config: string,
  paths: readonly string[],
  options: Options,
): Promise<Imported> {
  if (options.negate && options.filter === undefined)
    throw new ChainbootError('USAGE', { reason: '--negate says nothing without --filter' });
  const { filter, negate = false, prefix } = options;
  const naming = {
    ...(prefix !== undefined && { prefix }),
    ...(filter !== undefined && { wanted: (name: string) => filter.test(name) !== negate }),
  };
  return withInventory(config, async (opened) => {
    const entries = Array.from(templateFiles(paths), (file) => candidateOf(file, naming));
    const how: ImportOptions = {
      associate: options.associate,
      default: options.default === true,
      force: options.force === true,
      ...(options.lock !== undefined && { lock: options.lock }),
    };
    const { result: plan } = await changeRecords(opened.inventory, { via: 'import' }, (site) => {
      const plan = planImport(entries, site, how);
      return { changes: options.dryRun ? [] : plan.changes, result: plan };
    });
    // What the text alone shows is with its file already.
    const findings = await lintChanged(opened, plan.changes);
    return {
      plan,
      findings: findings.filter(({ rendered, hosts }) => rendered !== undefined || hosts !== undefined),
    };
  });
}

function asJson({ outcomes, ambiguities }: ImportPlan, { dryRun }: Options): object {
  return { dry_run: dryRun === true, summary: summary(outcomes), files: outcomes, ambiguities };
}

function summary(outcomes: readonly Outcome[]): Readonly<Record<Outcome['outcome'], number>> {
  const counts = { created: 0, updated: 0, unchanged: 0, skipped: 0, refused: 0, filtered: 0 };
  for (const { outcome } of outcomes) counts[outcome]++;
  return counts;
}

function printPlan({ outcomes, ambiguities }: ImportPlan, { dryRun, prefix }: Options): void {
  for (const outcome of outcomes) if (outcome.outcome !== 'filtered') printOutcome(outcome);
  for (const ambiguity of ambiguities) printLine(`note: ${ambiguityText(ambiguity)}`);
  if (prefix !== undefined && outcomes.some(({ kind }) => kind === 'snippet'))
    printLine(`note: the texts still call snippets by their names without "${prefix}"`);
  const counts = Object.entries(summary(outcomes)).filter(
    ([outcome, count]) => count > 0 || outcome === 'created' || outcome === 'updated',
  );
  const said = counts.map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  printLine(dryRun ? `nothing was stored; it would be: ${said}` : said);
}

function ambiguityText({ os, kind, count, used }: Ambiguity): string {
  return `${count} ${kind} templates suit ${os}, which gets "${used}"; list another first for it, or import it with --default`;
}

/** What is not stored says why; what is stored anew says what to look at. */
function printOutcome({
  file,
  outcome,
  name,
  kind,
  reason,
  changed,
  notes,
  problems,
  warnings,
}: Outcome): void {
  const placed = problems.filter(({ line }) => line !== undefined);
  const what = [
    ...(kind === undefined ? [] : [kind]),
    ...(name === undefined ? [] : [`"${name}"`]),
    ...(outcome === 'updated' ? [`(${changed.join(', ')})`] : []),
    ...(reason !== undefined && placed.length === 0 ? [reason] : []),
  ];
  printLine(`${outcome.padEnd(9)} ${file}${what.length === 0 ? '' : `: ${what.join(' ')}`}`);
  for (const problem of placed) printLine(`${INDENT}${formatProblem(problem)}`);
  if (outcome === 'unchanged') return;
  for (const { message, ...place } of warnings.slice(0, MAX_WARNINGS))
    printLine(`${INDENT}${formatProblem({ ...place, message: `warning: ${message}` })}`);
  if (warnings.length > MAX_WARNINGS)
    printLine(`${INDENT}and ${warnings.length - MAX_WARNINGS} more; see: chainboot template import --json`);
  for (const note of notes) printLine(`${INDENT}${note}`);
}

const INDENT = ' '.repeat(10);
const MAX_WARNINGS = 5;
