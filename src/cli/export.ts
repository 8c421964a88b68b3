import { mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { ChainbootError, reasonOf } from '../errors.ts';
import { nearest } from '../inventory/nearest.ts';
import { type ExportedSite, exportSite, SECTIONS, type Section, siteYaml } from '../service/export.ts';
import { withInventory } from './open.ts';
import { printJson, say } from './output.ts';
import { globals } from './verbs.ts';

type Options = { readonly output?: string; readonly only?: readonly Section[] };

const AFTER = `
Applying what is written changes nothing. Build mode and tokens are not in it; root passwords and the like are, as they
are stored (hashed), so files are readable by their owner only.`;

/** In a directory. */
const SITE_FILE = 'site.yaml';
/** The file has hashes of passwords in it. */
const PRIVATE = 0o600;

export function exportVerb(program: Command): void {
  program
    .command('export')
    .description('the site as a site file (YAML), without what is shipped; --json for JSON')
    .option('-o, --output <file>', `write a file, or ${SITE_FILE} and the templates into a directory`)
    .option('--only <sections>', 'only these, such as hosts,subnets', sections)
    .addHelpText('after', AFTER)
    .action(async ({ output, only }: Options, command: Command) => {
      const { config, json } = globals(command);
      const directory = output !== undefined && output !== '-' && isDirectory(output);
      if (directory && json)
        throw new ChainbootError('USAGE', { reason: '--json needs a file, not a directory' });
      const exported = await withInventory(config, async ({ inventory }) =>
        exportSite(inventory.site, { only, files: directory }),
      );
      if (output === undefined || output === '-') return print(exported, json === true);
      const text = json ? `${JSON.stringify(exported.site, null, 2)}\n` : siteYaml(exported);
      for (const file of exported.files) write(join(output, file.path), file.text);
      write(directory ? join(output, SITE_FILE) : output, text);
      say(`${output}: ${countOf(exported)} records`);
    });
}

function sections(text: string): readonly Section[] {
  return text.split(',').map((word) => {
    const known = SECTIONS.find((section) => section === word.trim());
    if (known !== undefined) return known;
    const near = nearest(word.trim(), SECTIONS);
    throw new InvalidArgumentError(
      near === undefined ? `Known sections: ${SECTIONS.join(', ')}.` : `Did you mean "${near}"?`,
    );
  });
}

/** One that is there, or a name that can be none else. */
function isDirectory(path: string): boolean {
  return path.endsWith('/') || statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function print(exported: ExportedSite, json: boolean): void {
  if (json) printJson(exported.site);
  else process.stdout.write(siteYaml(exported));
}

/** Under its name only when it is complete. */
function write(file: string, text: string): void {
  const partial = `${file}.${process.pid}.part`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(partial, text, { mode: PRIVATE });
    renameSync(partial, file);
  } catch (error) {
    throw new ChainbootError('FILE_UNWRITABLE', { name: file, reason: reasonOf(error) }, [], error);
  }
}

function countOf({ site }: ExportedSite): number {
  return Object.values(site).reduce<number>((sum, section) => sum + Object.keys(section as object).length, 0);
}
