/** The loaders a site has: where each lies, where it came from, what its bytes tell. */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PROGRAMS, type Program, programNamed } from '../boot/loaders.ts';
import { type Executable, readExecutable } from './executable.ts';
import { isPrivate, type Origin, originOf } from './firmware-store.ts';

export type Source =
  | { readonly kind: 'package'; readonly package: string; readonly version?: string }
  | ({ readonly kind: 'fetched' } & Origin)
  | { readonly kind: 'directory' };

export type Firmware = {
  /** As it is installed, below its directory. */
  readonly name: string;
  /** Every other name it is served under. */
  readonly also: readonly string[];
  readonly path: string;
  readonly source: Source;
  readonly size: number;
  readonly sha256: string;
} & Executable;

export type Missing = Pick<Program, 'names' | 'debian'>;

/** Larger files are no loaders. */
const MAX_LOADER = 64 * 1024 * 1024;
const LOADER = /\.(0|k?k?pxe|efi|lkrn|efi\.signed|elf)$|(^|\/)ldlinux\.(c32|e64|e32)$/;

/** In the order in which directories are searched; a name that an earlier directory has hides the later one. */
export function listFirmware(directories: readonly string[], store: string): readonly Firmware[] {
  const seen = new Set<string>();
  return directories.flatMap((directory) =>
    namesIn(directory, directory === store).flatMap((name) => {
      const key = programNamed(name)?.names[0] ?? name;
      if (seen.has(key)) return [];
      seen.add(key);
      return describe(directory, name, store);
    }),
  );
}

export function missingFirmware(found: readonly Firmware[]): readonly Missing[] {
  const names = new Set(found.flatMap(({ name, also }) => [name, ...also]));
  return PROGRAMS.filter(
    (program) => LOADER.test(program.names[0]) && !program.names.some((name) => names.has(name)),
  );
}

/** Loaders in the directory itself and one below: `grub2/grubx64.efi`. `all`: whatever is there was fetched as one. */
function namesIn(directory: string, all: boolean): readonly string[] {
  const isLoader = (name: string) => (all ? !isPrivate(name) : LOADER.test(name));
  const list = (below: string) => {
    try {
      return readdirSync(join(directory, below), { withFileTypes: true });
    } catch {
      return [];
    }
  };
  const files = (below: string) =>
    list(below).flatMap((entry) =>
      isLoader(entry.name) && !entry.isDirectory() ? [join(below, entry.name)] : [],
    );
  const folders = list('').flatMap((entry) => (entry.isDirectory() ? files(entry.name) : []));
  return [...files(''), ...folders].sort();
}

function describe(directory: string, name: string, store: string): readonly Firmware[] {
  const path = join(directory, name);
  try {
    if (!statSync(path).isFile() || statSync(path).size > MAX_LOADER) return [];
    const bytes = readFileSync(path);
    const also = (programNamed(name)?.names ?? []).filter((other) => other !== name);
    return [
      {
        name,
        also,
        path,
        source: sourceOf(directory, name, store),
        size: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        ...readExecutable(bytes),
      },
    ];
  } catch {
    // A link that leads nowhere, or a file that may not be read, is nothing that can be served.
    return [];
  }
}

function sourceOf(directory: string, name: string, store: string): Source {
  if (directory === store) {
    const origin = originOf(store, name);
    return origin === undefined ? { kind: 'directory' } : { kind: 'fetched', ...origin };
  }
  return packageOf(join(directory, name)) ?? { kind: 'directory' };
}

/** What dpkg says of a file, through its links; undefined where there is no dpkg, or no package owns it. */
function packageOf(path: string): Source | undefined {
  if (!existsSync('/usr/bin/dpkg-query')) return undefined;
  for (const candidate of [path, realpathSync(path)]) {
    const owner = query(['-S', candidate])?.split(':', 1)[0];
    if (owner === undefined || owner.includes(' ')) continue;
    const version = query(['-W', '-f=${Version}', owner]);
    return { kind: 'package', package: owner, ...(version && { version }) };
  }
  return undefined;
}

function query(args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('/usr/bin/dpkg-query', args, { encoding: 'utf8', timeout: 10_000 });
  return status === 0 ? stdout.trim() : undefined;
}
