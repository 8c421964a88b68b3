import type { Command } from 'commander';
import { type Finding, findings } from '../app/check.ts';
import type { Told } from '../app/rehearsal/several.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { loadSite } from '../config/site-file.ts';
import { ChainbootError } from '../errors.ts';
import { EXIT, printJson, printLine, say } from './output.ts';
import { globals } from './verbs.ts';

export function checkVerb(program: Command): void {
  program
    .command('check')
    .description('validate the configuration and everything it refers to; nothing is started or changed')
    .option('--site <file>', 'validate this site file too')
    .option('--deep', 'rehearse every host in build mode too, against a server of its own on loopback')
    .action(async (options: { readonly site?: string; readonly deep?: true }, command: Command) => {
      const { config: file, json } = globals(command);
      const found = await listed(async () => {
        const config = loadConfig(file);
        const { site, deep } = options;
        const shallow = await findings(config, file, site === undefined ? undefined : loadSite(site));
        // What is wrong with the files would only be found once more.
        return deep && !shallow.some(isError)
          ? [...shallow, ...(await rehearsalFindings(config, site))]
          : shallow;
      });
      if (json) printJson({ ok: !found.some(isError), findings: found });
      else report(file, found);
      if (found.some(isError)) process.exitCode = EXIT.refused;
    });
}

/** A file of which nothing more can be told is a list of findings, too: --json prints one shape whatever is wrong. */
async function listed(find: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await find();
  } catch (error) {
    if (!(error instanceof ChainbootError) || error.problems.length === 0) throw error;
    const keys = error.code === 'SITE_INVALID' ? 'docs/site-file.md' : 'docs/configuration.md';
    return error.problems.map(({ file, line = 1, column = 1, path, message, suggestion }) => ({
      level: 'error',
      place: `${file}:${line}:${column}`,
      message: path === '' ? message : `${path}: ${message}`,
      hint: suggestion ?? `see ${keys}`,
    }));
  }
}

/** Only where it is asked for: it starts servers. */
async function rehearsalFindings(config: Config, site: string | undefined): Promise<readonly Finding[]> {
  const { askOwnServer } = await import('../app/rehearsal/own-server.ts');
  const found: Finding[] = [];
  for await (const line of askOwnServer(config, '/rehearse', {}, site === undefined ? [] : [site])) {
    const told = line as Partial<Told>;
    if (told.boots !== false) continue;
    const hint = told.hint ?? `see all of it with: chainboot rehearse ${told.host}`;
    found.push({ level: 'error', place: config.database, message: `${told.sentence} (${told.code})`, hint });
  }
  return found;
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
