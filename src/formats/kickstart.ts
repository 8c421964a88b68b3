/** Kickstart files: commands, and sections from `%name` to `%end`. (pykickstart documentation.) */

import { nearest } from '../inventory/nearest.ts';
import { type FormatFinding, findings, type Line, linesOf, orRather, type Report } from './finding.ts';
import { KICKSTART_COMMANDS, type KickstartCommand, type Release } from './kickstart-commands.ts';
import { splitWords, type Word } from './words.ts';

/** Sections whose body a shell, or the program of `--interpreter`, runs. */
export const SCRIPT_SECTIONS: readonly string[] = ['%pre', '%pre-install', '%post', '%onerror', '%traceback'];
const SECTIONS = [...SCRIPT_SECTIONS, '%packages', '%addon', '%anaconda', '%certificate'];
const DIRECTIVES = ['%include', '%ksappend'];

export type Section = {
  readonly name: string;
  /** What stands behind the name. */
  readonly words: readonly Word[];
  readonly offset: number;
  readonly lines: Line[];
};

export type KickstartOptions = {
  /** A partition table or another part of a kickstart: what is required of a whole one is not required here. */
  readonly fragment?: boolean;
  readonly release?: Release;
};

export type Statement = { readonly words: readonly Word[]; readonly line: Line };
type Parsed = { readonly statements: readonly Statement[]; readonly sections: readonly Section[] };

export function parseKickstart(text: string, report: Report = () => {}): Parsed {
  const statements: Statement[] = [];
  const sections: Section[] = [];
  let open: Section | undefined;
  for (const line of linesOf(text)) {
    const first = /^\s*(\S+)/.exec(line.text)?.[1] ?? '';
    if (open !== undefined && first === '%end') {
      open = undefined;
    } else if (open !== undefined && !SECTIONS.includes(first)) {
      open.lines.push(line);
    } else if (SECTIONS.includes(first)) {
      if (open !== undefined) report(open.offset, 'error', `${open.name} is never closed: %end is missing`);
      open = { name: first, words: wordsOf(line, report).slice(1), offset: line.offset, lines: [] };
      sections.push(open);
    } else if (first !== '' && !first.startsWith('#')) {
      statements.push({ words: wordsOf(line, report), line });
    }
  }
  if (open !== undefined) report(open.offset, 'error', `${open.name} is never closed: %end is missing`);
  return { statements, sections };
}

function wordsOf(line: Line, report: Report): readonly Word[] {
  const split = splitWords(line.text);
  if (!split.ok) report(line.offset + split.unclosed, 'error', 'this quote is never closed');
  return split.words;
}

export function checkKickstart(text: string, options: KickstartOptions = {}): readonly FormatFinding[] {
  return findings((report) => {
    const { statements, sections } = parseKickstart(text, report);
    for (const statement of statements) checkStatement(statement, options, report);
    for (const section of sections) checkSection(section, report);
    if (!options.fragment) checkComplete(statements, report);
  });
}

function checkStatement({ words, line }: Statement, { release }: KickstartOptions, report: Report): void {
  const [first, ...rest] = words;
  if (first === undefined) return;
  const { text: name } = first;
  const at = line.offset + first.offset;
  if (name === '%end') {
    report(at, 'error', '%end closes nothing here');
    return;
  }
  if (DIRECTIVES.includes(name)) {
    if (rest.length !== 1) report(at, 'error', `${name} needs one file or URL`);
    return;
  }
  const command = Object.hasOwn(KICKSTART_COMMANDS, name) ? KICKSTART_COMMANDS[name] : undefined;
  if (command === undefined) {
    const known = [...Object.keys(KICKSTART_COMMANDS), ...SECTIONS];
    report(at, 'error', `there is no command "${name}"${orRather(nearest(name, known))}`);
    return;
  }
  if (isRemoved(command, release)) report(at, 'error', `${name} is no longer known to this release`);
  checkArguments({ name, command, at, line }, rest, report);
}

function isRemoved({ removed }: KickstartCommand, release: Release | undefined): boolean {
  return removed !== undefined && release !== undefined && release.major >= removed[release.of];
}

type Used = {
  readonly name: string;
  readonly command: KickstartCommand;
  readonly at: number;
  readonly line: Line;
};

type Arguments = {
  /** Values of options by their names; of flags, undefined. */
  readonly options: ReadonlyMap<string, string | undefined>;
  readonly words: readonly string[];
};

function checkArguments(used: Used, words: readonly Word[], report: Report): void {
  const { name, command, at } = used;
  if (command.values === undefined) return;
  const given = argumentsOf(used, words, report);
  const [min, max] = command.words ?? [0, 0];
  if (given.words.length < min)
    report(at, 'error', `${name} needs ${min === 1 ? 'a value' : `${min} values`}`);
  if (given.words.length > max) report(at, 'error', `${name} has a value too many`);
  for (const option of command.needs ?? [])
    if (!given.options.has(option)) report(at, 'error', `${name} needs --${option}`);
  const { oneOf } = command;
  if (oneOf !== undefined && !oneOf.some((option) => given.options.has(option)))
    report(at, 'error', `${name} needs one of ${oneOf.map((option) => `--${option}`).join(', ')}`);
  RULES[name]?.(given, (severity, message) => report(at, severity, message));
}

function argumentsOf({ name, command, line }: Used, words: readonly Word[], report: Report): Arguments {
  const { values = [], flags = [] } = command;
  const options = new Map<string, string | undefined>();
  const plain: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const { text, offset } = words[i]!;
    const at = line.offset + offset;
    const match = /^--([^=]+)(?:=([\s\S]*))?$/.exec(text);
    if (match === null) {
      plain.push(text);
      continue;
    }
    const [, option = '', inline] = match;
    if (values.includes(option) && !(flags.includes(option) && inline === undefined)) {
      const next = words[i + 1]?.text;
      if (inline === undefined && next !== undefined && !next.startsWith('--')) i++;
      const value = inline ?? (next?.startsWith('--') ? undefined : next);
      if (value === undefined) report(at, 'error', `--${option} of ${name} needs a value`);
      else if (value.trim() === '') report(at, 'warning', `--${option} of ${name} has an empty value`);
      options.set(option, value ?? '');
    } else if (flags.includes(option)) {
      if (inline !== undefined) report(at, 'error', `--${option} of ${name} takes no value`);
      options.set(option, undefined);
    } else {
      const known = nearest(option, [...values, ...flags]);
      report(at, 'error', `${name} has no option --${option}${orRather(known && `--${known}`)}`);
      options.set(option, inline);
    }
  }
  return { options, words: plain };
}

type Rule = (
  given: Arguments,
  report: (severity: FormatFinding['severity'], message: string) => void,
) => void;

/** What cannot be said by counting. */
const RULES: Readonly<Record<string, Rule>> = {
  network: ({ options }, report) => {
    const proto = options.get('bootproto');
    if (proto === 'static' && !options.has('ip') && !options.has('ipv6') && !options.has('noipv4'))
      report('error', 'network --bootproto=static needs --ip');
    if (proto !== undefined && !['dhcp', 'bootp', 'static', 'ibft', 'query'].includes(proto))
      report('error', 'network --bootproto is one of dhcp, bootp, static, ibft, query');
    if (options.has('ip') && !options.has('netmask') && options.get('ip') !== 'dhcp')
      report('warning', 'network --ip without --netmask');
  },
  rootpw: ({ options, words }, report) => {
    if (words.length === 0 && !options.has('lock')) report('error', 'rootpw needs a password, or --lock');
    if (words[0] === '') report('error', 'rootpw has an empty password');
  },
  timezone: ({ options, words }, report) => {
    if (words.length === 0 && !options.has('ntpservers') && !options.has('nontp'))
      report('error', 'timezone needs the name of a time zone');
  },
  keyboard: ({ options, words }, report) => {
    if (words.length === 0 && options.size === 0) report('error', 'keyboard needs a layout');
  },
  repo: ({ options }, report) => {
    const sources = ['baseurl', 'mirrorlist', 'metalink'];
    const given = sources.filter((source) => options.has(source));
    if (given.length > 1) report('error', 'repo takes only one of --baseurl, --mirrorlist, --metalink');
  },
  part: sized,
  partition: sized,
};

function sized({ options }: Arguments, report: Parameters<Rule>[1]): void {
  const sizes = ['size', 'grow', 'recommended', 'hibernation', 'onpart', 'usepart', 'noformat'];
  if (!sizes.some((option) => options.has(option)))
    report('error', 'a partition needs --size, --grow, --recommended or an existing partition');
  const size = options.get('size');
  if (size !== undefined && size !== '' && !/^\d+$/.test(size))
    report('error', 'the --size of a partition is a number of MiB');
}

function checkSection({ name, lines }: Section, report: Report): void {
  if (name !== '%packages') return;
  for (const { text, offset } of lines) {
    const entry = text.replace(/#.*/, '').trim();
    if (/^[^@-].*\s/.test(entry)) report(offset, 'error', 'a line of %packages names one package');
  }
}

const SOURCES = ['url', 'cdrom', 'nfs', 'harddrive', 'hmc', 'liveimg', 'ostreesetup', 'ostreecontainer'];
const STORAGE = ['autopart', 'part', 'partition', 'raid', 'volgroup', 'logvol', 'btrfs', 'mount', 'reqpart'];

/** What the installer stops and asks a person for. Included files may have it. */
function checkComplete(statements: readonly Statement[], report: Report): void {
  const names = new Set(statements.map(({ words }) => words[0]?.text));
  const has = (...any: readonly string[]) => any.some((name) => names.has(name));
  if (has(...DIRECTIVES, 'rescue')) return;
  const missing = (what: string) =>
    report(0, 'warning', `${what} is missing: the installer stops and asks for it`);
  if (!has(...SOURCES)) missing('an installation source (url, cdrom, nfs …)');
  if (!has('lang') && !has('liveimg')) missing('lang');
  if (!has('timezone')) missing('timezone');
  if (!has('rootpw', 'user')) missing('rootpw or user');
  if (!has(...STORAGE)) missing('storage (autopart, part …)');
}
