import { type Command, Option } from 'commander';
import { previewRoot } from '../app/https.ts';
import { previewBase } from '../app/links.ts';
import { unifiedDiff } from '../service/diff.ts';
import { requireHost } from '../service/hosts.ts';
import { lastReceived, previewed, previewText, requireTemplate } from '../service/preview.ts';
import { EXPORT_KINDS } from '../service/templates/export.ts';
import type { Rendering } from '../store/types.ts';
import { RenderPool } from '../template/pool.ts';
import { type Opened, withInventory } from './open.ts';
import { clock, EXIT, printJson, say } from './output.ts';
import { globals } from './verbs.ts';

type Options = { readonly host: string; readonly diff?: true; readonly kind?: string };

const AFTER = `
With --diff only what differs from what the host last received is printed, as diff -u does. Build tokens are new
in every build and differ too.

Exit status: 0, and with --diff 1 when there is a difference; 2 when there is no such template or host.`;

export function templateRenderVerb(template: Command): void {
  template
    .command('render <name>')
    .description('what a host would get, from the same code that answers the host')
    .requiredOption('--host <host>', 'the host to render for')
    .option('--diff', 'the difference from what the host last received')
    .addOption(new Option('--kind <kind>', 'when several have this name').choices(EXPORT_KINDS))
    .addHelpText('after', AFTER)
    .action(async (name: string, options: Options, command: Command) => {
      const { config, json } = globals(command);
      const preview = await withInventory(config, (opened) => previewOf(opened, name, options));
      const diff = options.diff ? diffOf(name, preview) : undefined;
      if (diff !== undefined && diff !== '') process.exitCode = EXIT.failed;
      if (json) return printJson(asJson(name, options.host, preview, diff));
      if (diff !== undefined) for (const note of notesOn(name, options.host, preview)) say(note);
      process.stdout.write(diff ?? preview.text);
    });
}

type Preview = {
  readonly text: string;
  /** What the host last received. */
  readonly last: Rendering | undefined;
};

async function previewOf(
  { store, inventory, config }: Opened,
  name: string,
  { host: hostName, kind }: Options,
): Promise<Preview> {
  const pool = new RenderPool({ workers: 1, timeoutMs: config.templates.timeout_ms });
  try {
    const { site } = inventory;
    const host = requireHost(site, hostName);
    const template = previewed(requireTemplate(site, name, kind));
    pool.setLibrary(site.list('provisioning_templates'));
    const deps = { site, pool, base: previewBase(config), root: await previewRoot(config), now: Date.now };
    return {
      text: await previewText(deps, template, host),
      last: await lastReceived(store.renderings, host, template),
    };
  } finally {
    await pool.close();
  }
}

/** Against nothing, where nothing was received or kept. */
function diffOf(name: string, { text, last }: Preview): string {
  const received = last?.text === undefined ? '/dev/null' : `${last.template}\t${clock(last.at)}`;
  return unifiedDiff({ name: received, text: last?.text ?? '' }, { name: `${name}\tnow`, text });
}

function notesOn(name: string, host: string, { last }: Preview): readonly string[] {
  if (last === undefined) return [`${host} has received nothing of this kind yet`];
  const when = `${clock(last.at)}${last.boot === undefined ? '' : ` in boot ${last.boot}`}`;
  const other =
    last.template === name ? [] : [`${host} has not received "${name}" yet but "${last.template}"`];
  const long = last.text === undefined ? ['what it received was too long to be kept'] : [];
  return [...other, `last received ${when}`, ...long];
}

function asJson(template: string, host: string, { text, last }: Preview, diff: string | undefined): object {
  if (diff === undefined) return { template, host, text };
  const { host: _id, ...received } = last ?? { host: 0 };
  return { template, host, text, last: last === undefined ? null : received, diff };
}
