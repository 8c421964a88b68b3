/** `chainboot import foreman`: everything a Foreman knows, read over its API. */

import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { shippedRecords } from '../app/core.ts';
import { loadConfig, readText } from '../config/load.ts';
import { foremanClient } from '../moving/foreman/client.ts';
import { type Collected, collect, type Progress } from '../moving/foreman/collect.ts';
import { convertForeman } from '../moving/foreman/convert.ts';
import { forget, keeping } from '../moving/foreman/kept.ts';
import { bringIn, type ImportOptions, withImportOptions } from './import-run.ts';
import { say } from './output.ts';
import { readForeignPassword } from './password.ts';
import { progressOn } from './progress.ts';
import { globals } from './verbs.ts';

type Options = ImportOptions & {
  readonly user: string;
  readonly passwordFile?: string;
  readonly ca?: string;
  readonly insecure?: true;
  readonly fresh?: true;
  readonly state?: string;
  readonly allTemplates?: true;
};

export function importForemanVerb(verb: Command): void {
  const command = verb
    .command('foreman <url>')
    .description('a Foreman, over its API: everything that is here too, hosts included')
    .requiredOption('--user <login>', 'user of that Foreman, with permission to view')
    .option(
      '--password-file <file>',
      'its password or personal access token is the first line; - is standard input',
    )
    .option('--ca <file>', 'root certificates to trust instead of those of the system (PEM)')
    .option('--insecure', 'take any certificate')
    .option('--all-templates', 'take Foreman’s versions of templates that come with Chainboot, too')
    .option('--fresh', 'read everything again, instead of going on where an import stopped')
    .option('--state <file>', 'where what was read is kept meanwhile (default: beside the database)');
  withImportOptions(command).action(async (url: string, options: Options, self: Command) => {
    const state = options.state ?? stateFile(globals(self).config, url);
    const collected = await read(url, options, state);
    const moved = convertForeman(collected, {
      shipped: shippedNames(),
      ...(options.allTemplates && { allTemplates: true }),
    });
    await bringIn(moved, { file: url, source: 'import foreman', options }, self);
    // Kept until everything went well, so that a run that is refused need not read it all again.
    if (options.dryRun === undefined && options.output === undefined) forget(state);
  });
}

/** One for each Foreman. */
function stateFile(config: string, url: string): string {
  const id = createHash('sha256').update(url).digest('hex').slice(0, 12);
  return join(dirname(loadConfig(config).database), `import-foreman-${id}.jsonl`);
}

async function read(url: string, options: Options, state: string): Promise<Collected> {
  const { user, passwordFile, ca, insecure } = options;
  const password = await readForeignPassword(passwordFile);
  if (options.fresh) forget(state);
  const client = foremanClient({
    url,
    user,
    password,
    ...(ca !== undefined && { ca: readText(ca) }),
    ...(insecure && { insecure }),
  });
  const keeper = keeping(client, state);
  if (keeper.known > 0)
    say(`going on with ${keeper.known} answers that were read before; --fresh reads them again`);
  try {
    return await collect(keeper, progress());
  } finally {
    await keeper.finish();
    keeper.close();
  }
}

/** A line for each kind of record, and a bar while there are many. */
function progress(): Progress {
  let bar: ReturnType<typeof progressOn> | undefined;
  return (resource, done, total) => {
    const words = resource.replaceAll('_', ' ');
    if (done === 0) bar = progressOn(process.stderr, words);
    bar?.show(done, total);
    if (done < total) return;
    bar?.end();
    say(`${total} ${words}`);
  };
}

function shippedNames() {
  const {
    provisioning_templates = [],
    ptables = [],
    organizations = [],
    locations = [],
    architectures = [],
  } = shippedRecords();
  return {
    templates: new Set(provisioning_templates.map(({ name }) => name)),
    ptables: new Set(ptables.map(({ name }) => name)),
    others: new Set([...organizations, ...locations, ...architectures].map(({ name }) => name)),
  };
}
