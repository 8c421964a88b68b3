import { type Command, Option } from 'commander';
import { shippedRecords } from '../app/core.ts';
import { changeRecords } from '../service/records.ts';
import { planDelete } from '../service/templates/delete.ts';
import { EXPORT_KINDS } from '../service/templates/export.ts';
import { withInventory } from './open.ts';
import { printJson, printLine } from './output.ts';
import { globals } from './verbs.ts';

type Options = { readonly kind?: string; readonly force?: true; readonly dryRun?: true };

export function templateDeleteVerb(template: Command): void {
  template
    .command('delete <name...>')
    .description("the site's own templates and partition tables, all or none; shipped ones come back")
    .addOption(new Option('--kind <kind>', 'when several have this name').choices(EXPORT_KINDS))
    .option('--force', 'delete locked ones')
    .option('--dry-run', 'only say what would be deleted')
    .action(async (names: readonly string[], options: Options, command: Command) => {
      const { config, json } = globals(command);
      const shipped = shippedRecords();
      const { result } = await withInventory(config, ({ inventory }) =>
        changeRecords(inventory, { via: 'cli' }, (site) => {
          const plan = planDelete(names, site, {
            shipped,
            force: options.force === true,
            ...(options.kind !== undefined && { kind: options.kind }),
          });
          return { changes: options.dryRun ? [] : plan.changes, result: plan };
        }),
      );
      const { deleted } = result;
      if (json) return printJson({ dry_run: options.dryRun === true, deleted });
      const verb = options.dryRun ? 'would be deleted' : 'deleted';
      for (const { name, kind, restored } of deleted)
        printLine(`${verb} ${kind} "${name}"${restored ? '; the shipped one is there again' : ''}`);
    });
}
