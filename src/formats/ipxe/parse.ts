/**
 * The grammar of iPXE scripts (read from ipxe: src/image/script.c and src/core/exec.c, in our own words):
 * lines, labels, words, `||` `&&` `;`, comments. There is no quoting and no escaping: words are split at
 * white space first and settings are expanded afterwards, so a value with spaces stays one word.
 */

/** What decides whether the next command of a line is run. */
type Joint = 'always' | 'on-success' | 'on-failure';

export type Command = {
  /** Unexpanded; the first is the name. Empty: nothing to do, which succeeds. */
  readonly words: readonly string[];
  /** Absent after the last command of the line. */
  readonly next?: Joint;
};

export type ScriptLine = {
  /** Counts from 1; of a continued line, its first. */
  readonly number: number;
  readonly text: string;
  readonly label?: string;
  readonly commands: readonly Command[];
};

export type Script = { readonly magic: '#!ipxe' | '#!gpxe'; readonly lines: readonly ScriptLine[] };

export type ScriptProblem = {
  readonly code: ScriptProblemCode;
  /** `warning`: some iPXE builds or some runs are fine with it. */
  readonly severity: 'error' | 'warning';
  readonly line: number;
  readonly message: string;
};
type ScriptProblemCode =
  | 'not-a-script'
  | 'unknown-command'
  | 'usage'
  | 'label-missing'
  | 'label-twice'
  | 'setting-unterminated'
  | 'text-counted'
  | 'not-in-every-build';

export type ParsedScript =
  | { readonly ok: true; readonly script: Script }
  | { readonly ok: false; readonly problems: readonly ScriptProblem[] };

const SPACE = /[\t\n\v\f\r ]/;
const JOINTS: Readonly<Record<string, Joint>> = { '||': 'on-failure', '&&': 'on-success', ';': 'always' };

/** `#!ipxe` or `#!gpxe` as the very first bytes, followed by white space; a BOM or blank line before it is fatal. */
export function hasMagic(text: string): boolean {
  return (text.startsWith('#!ipxe') || text.startsWith('#!gpxe')) && SPACE.test(text.charAt(6));
}

/** Never throws, whatever the text. The only problem reported here is a missing magic; see lint.ts for the rest. */
export function parseScript(text: string): ParsedScript {
  if (!hasMagic(text)) return { ok: false, problems: [missingMagic(text)] };
  return {
    ok: true,
    script: {
      magic: text.startsWith('#!ipxe') ? '#!ipxe' : '#!gpxe',
      lines: joinContinued(text).map(parseLine),
    },
  };
}

function missingMagic(text: string): ScriptProblem {
  const hint = text.charCodeAt(0) === 0xfeff ? ' (it starts with a byte order mark)' : '';
  return {
    code: 'not-a-script',
    severity: 'error',
    line: 1,
    message: `a script must start with "#!ipxe" and a line break${hint}; a BIOS machine would run anything else as machine code`,
  };
}

type RawLine = { readonly number: number; readonly text: string };

/** Joins lines that end in a back-slash with the next one. */
function joinContinued(text: string): RawLine[] {
  const lines: RawLine[] = [];
  let started: RawLine | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const piece = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    const whole: RawLine = { number: started?.number ?? index + 1, text: (started?.text ?? '') + piece };
    started = undefined;
    if (whole.text.endsWith('\\')) started = { number: whole.number, text: whole.text.slice(0, -1) };
    else lines.push(whole);
  }
  // A back-slash at the end of the text continues into nothing: iPXE never runs such a line, and fails.
  if (started !== undefined && started.text !== '') lines.push({ ...started, text: `${started.text} \\` });
  return lines;
}

function parseLine(raw: RawLine): ScriptLine {
  // Lines are C strings to iPXE: what follows a NUL is never seen.
  const text = raw.text.split('\0', 1)[0]!.replace(/^[\t\n\v\f\r ]+/, '');
  const label = text.startsWith(':') ? /^:([^\t\n\v\f\r ]*)/.exec(text)![1]! : undefined;
  const rest = label === undefined ? text : text.slice(label.length + 1);
  return { number: raw.number, text: raw.text, label, commands: parseCommands(rest) };
}

/** The commands of one line; also what `APPEND` of `KERNEL ipxe.lkrn` is. */
export function parseCommands(line: string): readonly Command[] {
  const commands: Command[] = [];
  let words: string[] = [];
  for (const word of line.split(/[\t\n\v\f\r ]+/)) {
    if (word === '') continue;
    if (word.startsWith('#')) break;
    const joint = Object.hasOwn(JOINTS, word) ? JOINTS[word] : undefined;
    if (joint === undefined) {
      words.push(word);
    } else {
      commands.push({ words, next: joint });
      words = [];
    }
  }
  commands.push({ words });
  return commands;
}

/** Index of the first line with this label, which is the one iPXE goes to. */
export function findLabel(script: Script, label: string): number | undefined {
  const index = script.lines.findIndex((line) => line.label === label);
  return index < 0 ? undefined : index;
}
