/** `firmware`: which loaders the site has, and adding others. */

import { basename } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { firmwareDirectory, loadConfig, loaderDirectories } from '../config/load.ts';
import {
  type Firmware,
  listFirmware,
  type Missing,
  missingFirmware,
  type Source,
} from '../media/firmware.ts';
import { fetchFirmware, removeFirmware } from '../media/firmware-store.ts';
import { printJson, printLine, printTable, size } from './output.ts';
import { progressOn } from './progress.ts';
import { globals } from './verbs.ts';

export function firmwareVerb(program: Command): void {
  const firmware = program
    .command('firmware')
    .description('the boot loaders of this site: which there are, where they came from, what they can')
    .action(async (_options, command: Command) => {
      const { config, json } = globals(command);
      const loaded = loadConfig(config);
      const found = listFirmware(loaderDirectories(loaded), firmwareDirectory(loaded));
      const missing = missingFirmware(found);
      if (json) return printJson({ firmware: found, missing });
      printTable(['NAME', 'FOR', 'VERSION', 'FEATURES', 'SIZE', 'FROM'], found.map(row));
      if (missing.length > 0) printLine('\nNot here:');
      for (const each of missing) printLine(`  ${missingLine(each)}`);
    });
  fetchVerb(firmware);
  removeVerb(firmware);
}

function fetchVerb(firmware: Command): void {
  firmware
    .command('fetch <url>')
    .description(
      'add a loader under a name of its own; it is served at once, and before those of the directories',
    )
    .requiredOption('--sha256 <hex>', 'what its SHA-256 must be', checksum)
    .option('--name <name>', 'name it is served under (default: the last part of the URL)')
    .option('--force', 'replace another loader of that name')
    .action(
      async (url: string, options: { sha256: string; name?: string; force?: true }, command: Command) => {
        const { config, json } = globals(command);
        const progress = progressOn(process.stderr, 'bytes');
        const name = options.name ?? nameIn(url);
        try {
          const store = firmwareDirectory(loadConfig(config));
          const { sha256, force = false } = options;
          const fetched = await fetchFirmware({
            store,
            url,
            sha256,
            name,
            force,
            now: Date.now(),
            onProgress: progress.show,
          });
          progress.end();
          if (json) return printJson({ name, ...fetched });
          printLine(`${name}: ${size(fetched.size)}, verified, served from now on`);
        } finally {
          progress.end();
        }
      },
    );
}

function removeVerb(firmware: Command): void {
  firmware
    .command('remove <name>')
    .description('remove a loader that was fetched; those of packages and directories stay')
    .action(async (name: string, _options, command: Command) => {
      const { config, json } = globals(command);
      await removeFirmware(firmwareDirectory(loadConfig(config)), name);
      if (json) return printJson({ name });
      printLine(`${name} is removed`);
    });
}

function checksum(text: string): string {
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new InvalidArgumentError('it has 64 hexadecimal digits.');
  return text.toLowerCase();
}

function nameIn(url: string): string {
  return basename(URL.canParse(url) ? new URL(url).pathname : url);
}

function row({
  name,
  format,
  cpu,
  version,
  https,
  signers,
  size: bytes,
  source,
}: Firmware): readonly string[] {
  const features = [
    ...(https === undefined ? [] : [https ? 'HTTPS' : 'no HTTPS']),
    ...(signers.length === 0 ? [] : [`signed: ${signers.join(', ')}`]),
  ];
  return [
    name,
    `${format}${cpu === undefined ? '' : ` ${cpu}`}`,
    version ?? '',
    features.join('; '),
    size(bytes),
    from(source),
  ];
}

function from(source: Source): string {
  if (source.kind === 'package') return `package ${source.package} ${source.version ?? ''}`.trimEnd();
  return source.kind === 'fetched' ? source.url : 'directory';
}

function missingLine({ names, debian }: Missing): string {
  const brought = debian === undefined ? 'no Debian package brings it' : `apt install ${debian}`;
  return `${names.join(' = ')}: ${brought}`;
}
