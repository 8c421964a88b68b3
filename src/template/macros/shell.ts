/** Macros that write shell commands for the system being installed. */

import { createHash } from 'node:crypto';
import { RubyError } from '../errors.ts';
import type { RenderContext } from '../render-context.ts';
import { keyword, wantArray, wantText } from '../ruby/arguments.ts';
import type { Runtime } from '../ruby/runtime.ts';
import { str, truthy, type Value } from '../ruby/values.ts';
import { macros } from './table.ts';

/** As Ruby's Shellwords does: a backslash before anything unusual, quotes around newlines. */
function shellEscape(text: string): string {
  if (text === '') return "''";
  return text.replace(/[^A-Za-z0-9_\-.,:+/@\n]/gu, '\\$&').replaceAll('\n', "'\n'");
}

/**
 * A here-document whose end mark cannot occur in the text by accident; `verbatim` protects every byte. The path is
 * the shell's to read: Foreman's kickstart_networking_setup writes `ifcfg-$sanitized_real`.
 */
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
  readonly prepare: readonly string[];
  readonly install: string;
  readonly update: string;
};

const APT = 'apt-get -o Dpkg::Options::="--force-confdef" -o Dpkg::Options::="--force-confold" -y';

const DEBIAN: PackageManager = {
  prepare: [
    'if [ -x "$(command -v subscription-manager)" ] ; then subscription-manager refresh ; fi',
    'export DEBIAN_FRONTEND=noninteractive',
    'apt-get -y update',
  ],
  install: `${APT} install`,
  update: 'apt-get -y upgrade',
};

const SUSE: PackageManager = {
  prepare: ['zypper refresh'],
  install: 'zypper -n install',
  update: 'zypper -n update',
};

function managerOf(self: RenderContext): PackageManager {
  const { os } = self.host();
  if (os?.family === 'Debian') return DEBIAN;
  if (os?.family === 'Suse') return SUSE;
  if (os?.family !== 'Redhat')
    throw new RubyError(`packages of ${os?.family ?? 'a host without system'} are not known here`);
  const first = os.name.toLowerCase() === 'fedora' ? 22 : 8;
  const tool = (Number.parseInt(os.major, 10) || 0) >= first ? 'dnf' : 'yum';
  return { prepare: [], install: `${tool} -y install`, update: `${tool} -y update` };
}

/** Commands below a banner, as Foreman prints them: imported scripts come out byte for byte. */
function commands(title: string, lines: readonly string[]): string {
  return ["echo '#'", `echo '# ${title}'`, "echo '#'", '', ...lines, ''].join('\n');
}

function install(self: RenderContext, packages: string): string {
  if (packages.trim() === '') return '';
  const manager = managerOf(self);
  return commands('Installing packages', [...manager.prepare, `${manager.install} ${packages}`]);
}

function update(self: RenderContext, packages: string): string {
  const manager = managerOf(self);
  const command = `${manager.update} ${packages}`.trimEnd();
  return commands('Updating packages', [...manager.prepare, command]);
}

type Downloader = {
  readonly command: string;
  readonly certificate: string;
  readonly file: string;
  /** When the answer goes to standard output. */
  readonly pipe: readonly string[];
  readonly post: readonly string[];
  readonly data: (parameters: readonly string[]) => readonly string[];
};

const DOWNLOADERS: Readonly<Record<string, Downloader>> = {
  curl: {
    command: 'curl --silent --show-error',
    certificate: '--cacert',
    file: '--output',
    pipe: [],
    post: ['--request POST'],
    data: (parameters) => parameters.map((parameter) => `--data ${parameter}`),
  },
  wget: {
    command: 'wget --no-verbose --no-hsts',
    certificate: '--ca-certificate',
    file: '--output-document',
    pipe: ['--output-document -'],
    post: [],
    data: (parameters) => [`--post-data ${parameters.join('\\&')}`],
  },
};

/** A call of curl or wget over several lines; `params` make it a POST. */
function webRequest(args: readonly Value[], rt: Runtime): string {
  const given = (name: string): string => rt.text(keyword(args, name) ?? null);
  const list = (name: string): string[] => wantArray(keyword(args, name) ?? []).map((item) => rt.text(item));
  const utility = given('utility');
  const tool = Object.hasOwn(DOWNLOADERS, utility) ? DOWNLOADERS[utility] : undefined;
  if (tool === undefined) throw new RubyError(`utility is 'curl' or 'wget', not '${utility}'`);
  const [file, certificate, params] = [given('output_file'), given('ssl_ca_cert'), list('params')];
  return [
    `${tool.command} ${given('url')}`,
    ...(certificate === '' ? [] : [`${tool.certificate} ${certificate}`]),
    ...(params.length === 0 ? [] : tool.post),
    ...(file === '' ? tool.pipe : []),
    ...list('headers'),
    ...(params.length === 0 ? [] : tool.data(params)),
    ...(file === '' ? [] : [`${tool.file} ${file}`]),
  ].join(' \\\n  ');
}

export const SHELL_MACROS = macros({
  shell_escape: [
    '(text)',
    'The text as one word of a shell command.',
    (_, [text], rt) => str(shellEscape(rt.text(text!))),
  ],
  save_to_file: [
    '(path, text, verbatim: false)',
    'A command that writes the file. The shell fills variables in, unless it is `verbatim`.',
    (_, args, rt) =>
      str(saveToFile(wantText(args[0]), rt.text(args[1]!), truthy(keyword(args, 'verbatim') ?? null))),
  ],
  install_packages: [
    '(packages)',
    'Commands that install packages with dnf, yum, apt-get or zypper.',
    (self, [packages], rt) => str(install(self, rt.text(packages!))),
  ],
  update_packages: [
    "(packages = '')",
    'Commands that update these packages, or all.',
    (self, [packages], rt) => str(update(self, rt.text(packages ?? null))),
  ],
  generate_web_request: [
    "(utility: 'curl', url: nil, ssl_ca_cert: nil, headers: [], params: [], output_file: nil)",
    'A call of `curl` or `wget`, quoted by whoever calls this; `params` make it a POST.',
    (_, args, rt) => str(webRequest(args, rt)),
  ],
});
