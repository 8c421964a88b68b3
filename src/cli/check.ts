import type { Command } from 'commander';
import { type Finding, findings } from '../app/check.ts';
import { loadConfig } from '../config/load.ts';
import { loadSite } from '../config/site-file.ts';
import { EXIT, printJson, printLine, say } from './output.ts';
import { globals } from './verbs.ts';

export function checkVerb(program: Command): void {
  program
    .command('check')
    .description('validate the configuration and everything it refers to; nothing is started or changed')
    .option('--site <file>', 'validate this site file too')
    .action(async (options: { readonly site?: string }, command: Command) => {
      const { config: file, json } = globals(command);
      const config = loadConfig(file);
      const site = options.site === undefined ? undefined : loadSite(options.site);
      const found = await findings(config, file, site);
      if (json) printJson({ ok: !found.some(isError), findings: found });
      else report(file, found);
      if (found.some(isError)) process.exitCode = EXIT.refused;
    });
}

const isError = (finding: Finding) => finding.level === 'error';

function report(file: string, found: readonly Finding[]): void {
  for (const { level, place, message, hint } of found) say(`${place}: ${level}: ${message} (${hint})`);
  const errors = found.filter(isError).length;
  const warnings = found.length - errors;
  printLine(
    errors === 0
      ? `${file}: ok${warnings === 0 ? '' : `, ${warnings} warning(s)`}`
      : `${file}: ${errors} error(s), ${warnings} warning(s)`,
  );
}
