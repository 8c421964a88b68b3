/**
 * The import rule: downward only, siblings never, I/O at the rim. ARCHITECTURE.md explains it; this file
 * fails the build when code and rule part.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

/** First match decides. A file may import its own room and whatever ranks lower. */
const RANKS: readonly (readonly [prefix: string, rank: number])[] = [
  ['errors.ts', 0],
  ['worker-file.ts', 0],
  ['net/', 0],
  ['inventory/', 1],
  ['boot/', 2],
  // Grammars of boot and installer files; whoever writes, checks or runs such files reads them with these.
  ['formats/', 3],
  // The interfaces through which protocol rooms reach the world, without the engines behind them.
  ['link/types.ts', 3],
  ['store/types.ts', 3],
  ['dhcp/', 4],
  ['tftp/', 4],
  ['http/', 4],
  ['syslog/', 4],
  ['template/', 4],
  ['media/', 4],
  ['certificate/', 4],
  ['store/', 4],
  ['link/', 4],
  ['ops/', 4],
  ['service/', 5],
  ['client/', 5],
  ['moving/', 5],
  ['dhcp-config/', 5],
  ['api/', 5.5],
  ['smart-proxy/', 5.5],
  ['dhcp-drivers/', 5.5],
  ['proxy/', 5.5],
  ['capture/', 5.5],
  ['config/', 6],
  ['doctor/', 6.5],
  ['app.ts', 7],
  ['app/', 6.5],
  ['lab/', 8],
  ['cli/', 9],
  ['main.ts', 10],
];

/** Rooms and files that stay pure: no node: module that does I/O. */
const PURE = [
  /^net\//,
  /^inventory\//,
  /^boot\//,
  /^formats\//,
  // Foreman is read over its API.
  /^moving\/(?!foreman\/)/,
  /^errors\.ts$/,
  /^dhcp\/(?!server)/,
  /^tftp\/(?!server)/,
  /^syslog\/(?!stream)/,
  /^capture\/(?!record)/,
];
const IO_MODULES =
  /^node:(fs|net|dgram|http|https|tls|child_process|worker_threads|os|dns|cluster|process|readline|v8|vm)/;

/** Where each outside door may be used. */
const DOORS: readonly { readonly name: string; readonly pattern: RegExp; readonly allowed: RegExp }[] = [
  { name: 'sockets', pattern: /from '(node:dgram|koffi)'/, allowed: /^(link|client)\// },
  { name: 'SQL', pattern: /from 'libsql'/, allowed: /^store\/sqlite\// },
  { name: 'environment', pattern: /process\.(env|argv)\b/, allowed: /^(config|cli|lab)\/|^main\.ts$/ },
  { name: 'clock', pattern: /Date\.now\(\)|Math\.random\(\)/, allowed: /^(?!net\/|inventory\/|boot\/)/ },
];

const files = (readdirSync(SRC, { recursive: true, encoding: 'utf8' }) as string[]).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
);

function rankOf(file: string): number {
  const found = RANKS.find(([prefix]) => file.startsWith(prefix));
  if (found === undefined) throw new Error(`${file} is in no room: add it to RANKS and to ARCHITECTURE.md`);
  return found[1];
}

function roomOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : file;
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1]!);
}

describe('architecture', () => {
  it.each(files)('%s imports downward only', (file) => {
    const upward = importsOf(file)
      .filter((target) => target.startsWith('.'))
      .map((target) => normalize(relative(SRC, join(SRC, dirname(file), target))))
      .filter((target) => roomOf(target) !== roomOf(file) && rankOf(target) >= rankOf(file));
    expect(upward).toEqual([]);
  });

  it.each(files.filter((file) => PURE.some((pure) => pure.test(file))))('%s does no I/O', (file) => {
    expect(importsOf(file).filter((target) => IO_MODULES.test(target))).toEqual([]);
  });

  it.each(DOORS)('$name only where they belong', ({ pattern, allowed }) => {
    const offenders = files.filter(
      (file) => !allowed.test(file) && pattern.test(readFileSync(join(SRC, file), 'utf8')),
    );
    expect(offenders).toEqual([]);
  });
});
