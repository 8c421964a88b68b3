import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { previewRoot } from '../app/https.ts';
import { previewBase } from '../app/links.ts';
import { ChainbootError } from '../errors.ts';
import type { Site } from '../inventory/site.ts';
import { requireHost } from '../service/hosts.ts';
import { allTargets, type Target } from '../service/lint/audience.ts';
import type { LintFinding } from '../service/lint/collect.ts';
import { type Overlay, withFiles } from '../service/lint/files.ts';
import { type LintReport, lint } from '../service/lint/lint.ts';
import { shellChecker } from '../service/lint/shell-check.ts';
import { templateFiles } from '../service/templates/files.ts';
import { RenderPool } from '../template/pool.ts';
import { findingLines } from './findings.ts';
import { type Opened, withInventory } from './open.ts';
import { EXIT, printJson, printLine, say } from './output.ts';
import { progressOn } from './progress.ts';
import { globals } from './verbs.ts';

type Options = { readonly host?: string; readonly as?: string };

const AFTER = `
Each template is read, rendered for every host that would get it, and what comes out is checked as the program
that reads it would: iPXE, PXELINUX, GRUB, Kickstart, preseed, autoinstall, cloud-config, AutoYaST, unattend.xml,
Ignition, Butane, Talos and the shells. Findings name the line of the template, snippet or partition table.

  chainboot template lint
  chainboot template lint "Kickstart default" --host web1.example.com
  chainboot template lint ./kickstart.erb       a text that is not stored yet, as its metadata header names it
  chainboot template lint ./ks.erb --as "my kickstart"

Exit status: 0 when nothing was found, 1 when something was, 2 when there is no such template, file or host.`;

export function templateLintVerb(template: Command): void {
  template
    .command('lint [name...]')
    .description('check templates, snippets and partition tables before a machine meets them')
    .option('--host <host>', 'render for this host only, also what it would not get')
    .option('--as <name>', 'check a file as the new text of this template')
    .addHelpText('after', AFTER)
    .action(async (names: readonly string[], options: Options, command: Command) => {
      const { config, json } = globals(command);
      const { report, files } = await withInventory(config, (opened) => lintNamed(opened, names, options));
      if (json) printJson({ ...report, findings: report.findings.map((found) => withFile(found, files)) });
      else printReport(report, files, names.length > 0);
      if (report.findings.length > 0) process.exitCode = EXIT.failed;
    });
}

const FEW_HOSTS = 20;

type Linted = { readonly report: LintReport; readonly files: Overlay['files'] };

async function lintNamed(
  { inventory, config }: Opened,
  names: readonly string[],
  options: Options,
): Promise<Linted> {
  const paths = names.filter((name) => storedAs(inventory.site, name).length === 0);
  for (const name of paths)
    if (!existsSync(name)) throw new ChainbootError('NOT_FOUND', { kind: 'template', name });
  if (options.as !== undefined && (paths.length !== 1 || storedAs(inventory.site, options.as).length === 0))
    throw new ChainbootError('USAGE', {
      reason: '--as takes one file and the name of a template that there is',
    });
  const { site, targets, files } = withFiles(inventory.site, templateFiles(paths), options.as);
  const stored = names.flatMap((name) => storedAs(inventory.site, name));
  const wanted = names.length === 0 ? allTargets(site) : [...stored, ...targets];
  const host = options.host === undefined ? undefined : requireHost(site, options.host);
  // A second thread takes longer to start than the renderings for a few hosts.
  const workers = site.list('hosts').length > FEW_HOSTS ? 2 : 1;
  const pool = new RenderPool({ workers, timeoutMs: config.templates.timeout_ms });
  const progress = progressOn(process.stderr, 'renderings');
  try {
    pool.setLibrary(site.list('provisioning_templates'));
    const root = await previewRoot(config);
    const deps = { site, pool, shell: shellChecker(), base: previewBase(config), root, now: Date.now() };
    return {
      report: await lint(deps, wanted, {
        ...(host && { host, anyway: names.length > 0 }),
        onProgress: progress.show,
      }),
      files,
    };
  } finally {
    progress.end();
    await pool.close();
  }
}

/** A template and a partition table may share a name. */
function storedAs(site: Site, name: string): readonly Target[] {
  return allTargets(site).filter((target) => target.name === name);
}

function withFile(finding: LintFinding, files: Overlay['files']): object {
  const file = files.get(finding.template);
  return file === undefined ? finding : { file, ...finding };
}

function printReport(report: LintReport, files: Overlay['files'], named: boolean): void {
  for (const finding of report.findings) for (const line of findingLines(finding, files)) printLine(line);
  const unused = report.notes.filter(({ template }) => template !== undefined);
  for (const { template, message } of report.notes)
    if (template === undefined || named)
      say(`note: ${template === undefined ? '' : `${template}: `}${message}`);
  const counts = ['error', 'warning'].map((wanted) => {
    const count = report.findings.filter(({ severity }) => severity === wanted).length;
    return `${count} ${wanted}${count === 1 ? '' : 's'}`;
  });
  const rest = named || unused.length === 0 ? '' : `; ${unused.length} that no host uses were only read`;
  say(`${report.checked} checked by ${report.renderings} renderings: ${counts.join(', ')}${rest}`);
}
