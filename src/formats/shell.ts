/** Which parts of a text a shell runs, and which shell. Running it (`sh -n`) is up to the caller. */

import type { OsFamily } from '../inventory/types.ts';
import { autoyastScripts } from './autoyast.ts';
import { shellCommands } from './cloud-config.ts';
import { type FormatFinding, linesOf } from './finding.ts';
import { parseKickstart, SCRIPT_SECTIONS } from './kickstart.ts';
import { preseedSelections } from './preseed.ts';

export type Shell = 'sh' | 'bash';

export type ShellPart = {
  readonly shell: Shell;
  /** As it stands in the text, from `offset` on. */
  readonly text: string;
  readonly offset: number;
};

/** /bin/sh is bash there. */
const BASH_FAMILIES: readonly (OsFamily | undefined)[] = [
  'Redhat',
  'Suse',
  'Coreos',
  'Fcos',
  'Rhcos',
  'Altlinux',
  'Archlinux',
];

export function plainShell(family: OsFamily | undefined): Shell {
  return BASH_FAMILIES.includes(family) ? 'bash' : 'sh';
}

/** The shell of a `#!` line; undefined for other programs. */
function shellOf(interpreter: string, plain: Shell): Shell | undefined {
  const [program = '', ...words] = interpreter.trim().split(/\s+/);
  const name = (
    /(^|\/)env$/.test(program) ? (words.find((word) => !word.startsWith('-')) ?? '') : program
  ).replace(/.*\//, '');
  if (name === 'bash') return 'bash';
  return name === 'sh' || name === 'dash' || name === 'ash' ? plain : undefined;
}

/** A whole script. Without a `#!` line it is handed to /bin/sh. */
export function scriptPart(text: string, family: OsFamily | undefined): readonly ShellPart[] {
  const interpreter = /^#!(.*)/.exec(text)?.[1] ?? '/bin/sh';
  const shell = shellOf(interpreter, plainShell(family));
  return shell === undefined ? [] : [{ shell, text, offset: 0 }];
}

/** %pre, %post and their like, unless `--interpreter` names another program. */
export function kickstartParts(text: string): readonly ShellPart[] {
  return parseKickstart(text).sections.flatMap(({ name, words, lines }): readonly ShellPart[] => {
    const [first] = lines;
    if (!SCRIPT_SECTIONS.includes(name) || first === undefined) return [];
    const at = words.findIndex((word) => word.text.startsWith('--interpreter'));
    const option = words[at]?.text;
    const interpreter =
      option === undefined ? '/bin/sh' : (option.split('=')[1] ?? words[at + 1]?.text ?? '');
    const shell = shellOf(interpreter, 'bash');
    const last = lines.at(-1)!;
    const body = text.slice(first.offset, last.offset + last.text.length + 1);
    return shell === undefined ? [] : [{ shell, text: body, offset: first.offset }];
  });
}

const COMMANDS = new Set(['preseed/early_command', 'partman/early_command', 'preseed/late_command']);

/** A back-slash at the end of a line means the same to the shell as to the preseed file. */
export function preseedParts(text: string): readonly ShellPart[] {
  return preseedSelections(text)
    .filter(({ question, value }) => COMMANDS.has(question) && value.trim() !== '')
    .map(({ value, valueOffset }) => ({ shell: 'sh', text: value, offset: valueOffset }));
}

/** cloud-init and Ubuntu's installer run commands with /bin/sh of the system they run in. */
export function cloudConfigParts(text: string, family: OsFamily | undefined): readonly ShellPart[] {
  return shellCommands(text).map((command) => ({ shell: plainShell(family), ...command }));
}

export function autoyastParts(text: string): readonly ShellPart[] {
  return autoyastScripts(text).map((script) => ({ shell: 'bash', ...script }));
}

/** What dash, busybox (`sh: 3: Syntax error: …`) and bash (`sh: line 3: …`) say; the first fault counts. */
export function shellFinding(part: ShellPart, complaint: string): FormatFinding {
  const match = /^\S*?(?:bash|sh|stdin)?: (?:line )?(\d+): (.*)$/m.exec(complaint);
  const lines = linesOf(part.text);
  const line = Math.min(Number(match?.[1] ?? 1), lines.length);
  const message = (match?.[2] ?? complaint.trim().split('\n', 1)[0]!).replace(/^syntax error:? /i, '');
  return {
    offset: part.offset + (lines[line - 1]?.offset ?? 0),
    severity: 'error',
    message: `${part.shell} cannot read this: ${message}`,
  };
}
