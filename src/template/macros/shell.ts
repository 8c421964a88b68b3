/** Macros that write shell commands for the system being installed. */

import { createHash } from 'node:crypto';
import { RubyError } from '../errors.ts';
import type { RenderContext } from '../render-context.ts';
import { keyword, wantText } from '../ruby/arguments.ts';
import { methods } from '../ruby/core/table.ts';
import { str, truthy, type Value } from '../ruby/values.ts';

/** As Ruby's Shellwords does: a backslash before anything unusual, quotes around newlines. */
function shellEscape(text: string): string {
  if (text === '') return "''";
  return text.replace(/[^A-Za-z0-9_\-.,:+/@\n]/gu, '\\$&').replaceAll('\n', "'\n'");
}

/** A here-document whose end mark cannot occur in the text by accident; `verbatim` protects every byte. */
function saveToFile(path: string, text: string, verbatim: boolean): string {
  if (text === '') return `cp /dev/null ${path}`;
  const mark = `EOF-${createHash('sha512').update(path).digest('hex').slice(0, 8)}`;
  if (verbatim) {
    const encoded = Buffer.from(text)
      .toString('base64')
      .replace(/.{60}(?=.)/g, '$&\n');
    return `cat << ${mark} | base64 -d > ${path}\n${encoded}\n${mark}`;
  }
  return `cat << ${mark} > ${path}\n${text.endsWith('\n') ? text : `${text}\n`}${mark}`;
}

type PackageManager = {
  readonly install: (packages: string) => string;
  readonly update: (packages: string) => string;
};

const MANAGERS: Readonly<Record<string, PackageManager>> = {
  Redhat: {
    install: (packages) => withDnf(`-y install ${packages}`),
    update: (packages) => withDnf(`-y update ${packages}`),
  },
  Debian: {
    install: (packages) => `apt-get update\nDEBIAN_FRONTEND=noninteractive apt-get -y install ${packages}`,
    update: (packages) =>
      `apt-get update\nDEBIAN_FRONTEND=noninteractive apt-get -y ${packages === '' ? 'dist-upgrade' : `install --only-upgrade ${packages}`}`,
  },
  Suse: {
    install: (packages) => `zypper -n install ${packages}`,
    update: (packages) => `zypper -n update ${packages}`,
  },
};

function withDnf(command: string): string {
  return `if [ -x /usr/bin/dnf ]; then\n  dnf ${command}\nelse\n  yum ${command}\nfi`;
}

function manage(self: RenderContext, packages: string, task: keyof PackageManager): Value {
  const family = self.host().os?.family;
  const manager = family === undefined ? undefined : MANAGERS[family];
  if (manager === undefined)
    throw new RubyError(`packages of ${family ?? 'a host without system'} are not known here`);
  return str(manager[task](packages).trimEnd());
}

export const SHELL_MACROS = methods<RenderContext>({
  shell_escape: [1, (_, [text], rt) => str(shellEscape(rt.text(text!)))],
  save_to_file: [
    2,
    3,
    (_, args, rt) =>
      str(saveToFile(wantText(args[0]), rt.text(args[1]!), truthy(keyword(args, 'verbatim') ?? null))),
  ],
  install_packages: [1, (self, [packages], rt) => manage(self, rt.text(packages!), 'install')],
  update_packages: [0, 1, (self, [packages], rt) => manage(self, rt.text(packages ?? null), 'update')],
});
