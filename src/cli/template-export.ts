import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Command, Option } from 'commander';
import { ChainbootError, reasonOf } from '../errors.ts';
import {
  EXPORT_KINDS,
  type Exportable,
  type ExportedFile,
  exportables,
  exportFiles,
  HEADER_MODES,
  type HeaderMode,
  textOf,
} from '../service/templates/export.ts';
import { withInventory } from './open.ts';
import { printJson, printLine } from './output.ts';
import { regex } from './template-import.ts';
import { globals } from './verbs.ts';

type Options = {
  readonly dir?: string;
  readonly kind?: Exportable['kind'];
  readonly metadataExportMode: HeaderMode;
  readonly all?: true;
  readonly filter?: RegExp;
  readonly negate?: boolean;
};

export function templateExportVerb(template: Command): void {
  template
    .command('export [name...]')
    .description("templates as files with Foreman's metadata header; without names, all of the site's own")
    .option('--dir <directory>', 'write them below this directory; without, one is printed')
    .addOption(new Option('--kind <kind>', 'only templates of this kind').choices(EXPORT_KINDS))
    .addOption(
      new Option(
        '--metadata-export-mode <mode>',
        'what the header says: what is so now, what it said, or none',
      )
        .choices(HEADER_MODES)
        .default('refresh'),
    )
    .option('--all', 'the shipped ones too')
    .option('--filter <regex>', 'only names that match, in upper or lower case', regex)
    .option('--negate', 'only names that do not match --filter')
    .action(async (names: readonly string[], options: Options, command: Command) => {
      const { config, json } = globals(command);
      const known = await withInventory(config, async ({ inventory }) => exportables(inventory.site));
      const chosen = choose(known, names, options);
      if (options.dir === undefined) return printOne(chosen, options, json === true);
      const written = exportFiles(chosen, options.metadataExportMode).map((file) => ({
        name: file.name,
        kind: file.kind,
        file: join(options.dir!, file.path),
        outcome: write(options.dir!, file),
      }));
      if (json) return printJson({ files: written });
      for (const { file, outcome } of written) printLine(`${outcome.padEnd(9)} ${file}`);
      printLine(`${written.length} exported`);
    });
}

/** Throws NOT_FOUND for a name that nothing has. */
function choose(
  known: readonly Exportable[],
  names: readonly string[],
  { kind, all, filter, negate = false }: Options,
): readonly Exportable[] {
  const ofKind = known.filter((record) => kind === undefined || record.kind === kind);
  for (const name of names)
    if (!ofKind.some((record) => record.name === name))
      throw new ChainbootError('NOT_FOUND', { kind: 'template', name });
  return ofKind.filter(
    ({ name, shipped }) =>
      (names.length > 0 ? names.includes(name) : all === true || !shipped) &&
      (filter === undefined || filter.test(name) !== negate),
  );
}

function printOne(chosen: readonly Exportable[], { metadataExportMode }: Options, json: boolean): void {
  const [first, second] = chosen;
  if (first === undefined || second !== undefined)
    throw new ChainbootError('USAGE', { reason: oneNeeded(chosen) });
  const text = textOf(first, metadataExportMode);
  if (json) printJson({ name: first.name, kind: first.kind, text });
  else process.stdout.write(text);
}

function oneNeeded(chosen: readonly Exportable[]): string {
  const kinds = chosen.map(({ kind }) => kind).join(' and a ');
  if (chosen.length === 0) return 'there is nothing to export: name a template, or say --all';
  return new Set(chosen.map(({ name }) => name)).size === 1
    ? `there is a ${kinds} of this name: choose with --kind`
    : `${chosen.length} templates need a directory: say --dir`;
}

/** Under its name only when it is complete; one that is the same already is left alone. */
function write(directory: string, { path, text }: ExportedFile): 'created' | 'updated' | 'unchanged' {
  const file = join(directory, path);
  try {
    mkdirSync(dirname(file), { recursive: true });
    const old = existing(file);
    if (old === text) return 'unchanged';
    const partial = `${file}.${process.pid}.part`;
    writeFileSync(partial, text);
    renameSync(partial, file);
    return old === undefined ? 'created' : 'updated';
  } catch (error) {
    throw new ChainbootError('FILE_UNWRITABLE', { name: file, reason: reasonOf(error) }, [], error);
  }
}

function existing(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
