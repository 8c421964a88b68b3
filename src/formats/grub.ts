/**
 * GRUB's script language as grub.cfg is written in it: quotes, blocks and the words that open and close them.
 * (GRUB manual, "Writing full configuration files directly".)
 */

import { nearest } from '../inventory/nearest.ts';
import { type FormatFinding, findings, orRather, type Report } from './finding.ts';
import { COMMANDS } from './grub-commands.ts';
import { type Token, tokenize } from './grub-tokens.ts';

type Opened = {
  readonly kind: '{' | 'if' | 'loop';
  /** The word that opened it. */
  readonly word: string;
  readonly offset: number;
  /** What has to come before it can be closed. */
  awaits: 'then' | 'do' | undefined;
  /** Of a menu entry or another block: whether `linux` was seen. */
  kernel: boolean;
  /** Whether a command stands in it, or in the branch that is being read. */
  filled: boolean;
};

type Reading = {
  readonly open: Opened[];
  readonly report: Report;
  readonly functions: ReadonlySet<string>;
};

export function checkGrub(text: string): readonly FormatFinding[] {
  return findings((report) => {
    const { tokens, unclosed, dollars } = tokenize(text);
    // What else there is to say follows from it.
    if (unclosed !== undefined) {
      report(unclosed, 'error', 'this quote is never closed');
      return;
    }
    for (const at of dollars) report(at, 'error', 'this $ begins no variable: quote it with single quotes');
    checkSeparators(tokens, report);
    const reading: Reading = { open: [], report, functions: definedFunctions(tokens) };
    for (const statement of statementsOf(tokens, report)) checkStatement(statement, reading);
    for (const { word, offset, kind } of reading.open)
      report(offset, 'error', `${word} is never closed: ${closerOf(kind)} is missing`);
  });
}

function closerOf(kind: Opened['kind']): string {
  return { '{': '}', if: 'fi', loop: 'done' }[kind];
}

function definedFunctions(tokens: readonly Token[]): ReadonlySet<string> {
  return new Set(tokens.flatMap((token, i) => (tokens[i - 1]?.text === 'function' ? [token.text] : [])));
}

/** `;` ends a command, so there must be one; GRUB has neither pipes nor `&&`. */
function checkSeparators(tokens: readonly Token[], report: Report): void {
  tokens.forEach(({ kind, text, offset }, i) => {
    if (kind !== 'end' || text === '\n') return;
    const before = tokens[i - 1];
    const opens = before?.plain === true && (OPENING.has(before.text) || before.kind === 'end');
    if (text !== ';') report(offset, 'error', `GRUB has no "${text}" between commands`);
    else if (before === undefined || opens) report(offset, 'error', 'there is no command before this ";"');
  });
}

const OPENING = new Set(['{', 'if', 'then', 'else', 'elif', 'while', 'until', 'do']);

type Statement = readonly [Token, ...Token[]];

/** `{` ends the statement it stands in, as `;` and line ends do; `}` and words such as `then` stand alone. */
function statementsOf(tokens: readonly Token[], report: Report): readonly Statement[] {
  const statements: Statement[] = [];
  let current: [Token, ...Token[]] | undefined;
  /** `fi`, `done` or `}` that no separator has followed yet. */
  let closed: Token | undefined;
  const end = () => {
    if (current !== undefined) statements.push(current);
    current = undefined;
  };
  for (const token of tokens) {
    const { kind, plain, text } = token;
    const closes = plain && text === '}';
    if (kind === 'end' || closes) end();
    if (kind === 'end') {
      closed = undefined;
      continue;
    }
    if (closed !== undefined && !closes)
      report(token.offset, 'error', `a ";" or a line end is missing behind "${closed.text}"`);
    if (current === undefined) current = [token];
    else current.push(token);
    const alone = current.length === 1 && plain && ALONE.has(text);
    closed = alone && CLOSING.has(text) ? token : undefined;
    if (alone || (plain && text === '{')) end();
  }
  end();
  return statements;
}

const CLOSING = new Set(['fi', 'done', '}']);

/** A command may follow on the same line. */
const ALONE = new Set(['if', 'then', 'else', 'elif', 'fi', 'while', 'until', 'do', 'done', '}']);

function checkStatement(statement: Statement, reading: Reading): void {
  const [{ text, offset, plain }] = statement;
  const inner = reading.open.at(-1);
  if (plain && checkKeyword(statement, reading)) {
    if (!CONTINUING.has(text) && inner !== undefined) inner.filled = true;
    return;
  }
  if (inner !== undefined) inner.filled = true;
  const last = statement.at(-1)!;
  if (last.plain && last.text === '{') reading.open.push(opened('{', text, offset, undefined));
  if (plain) checkCommand(statement, reading);
}

/** They go on with what is open; the other words begin something in it. */
const CONTINUING = new Set(['then', 'do', 'elif', 'else', 'fi', 'done', '}']);

function opened(kind: Opened['kind'], word: string, offset: number, awaits: Opened['awaits']): Opened {
  return { kind, word, offset, awaits, kernel: false, filled: false };
}

/** Whether the statement begins with a word of the language. */
function checkKeyword([first, ...rest]: Statement, reading: Reading): boolean {
  const { open, report } = reading;
  const { text, offset } = first;
  switch (text) {
    case 'if':
      open.push(opened('if', 'if', offset, 'then'));
      return true;
    case 'while':
    case 'until':
      open.push(opened('loop', text, offset, 'do'));
      return true;
    case 'for':
      open.push(opened('loop', 'for', offset, 'do'));
      if (rest[1]?.text !== 'in' || rest.some(({ plain, text: word }) => plain && word === '{'))
        report(offset, 'error', '"for" is followed by a name, "in" and words');
      return true;
    case 'in':
      report(offset, 'error', '"in" belongs to a "for"');
      return true;
    case 'then':
      expect(reading, first, 'if', 'then');
      return true;
    case 'do':
      expect(reading, first, 'loop', 'do');
      return true;
    case 'elif':
    case 'else':
      if (!within(reading, first, 'if')) return true;
      open.at(-1)!.filled = false;
      if (text === 'elif') open.at(-1)!.awaits = 'then';
      return true;
    case 'fi':
      close(reading, first, 'if');
      return true;
    case 'done':
      close(reading, first, 'loop');
      return true;
    case '}':
      close(reading, first, '{');
      return true;
    case '{':
      open.push(opened('{', '{', offset, undefined));
      report(offset, 'error', 'a block belongs to a command, on the line of the command');
      return true;
    default:
      return false;
  }
}

function expect(reading: Reading, token: Token, kind: Opened['kind'], what: 'then' | 'do'): void {
  const inner = reading.open.at(-1);
  if (inner?.kind === kind && inner.awaits === what) {
    if (!inner.filled && inner.word !== 'for')
      reading.report(token.offset, 'error', `there is no condition before "${what}"`);
    inner.awaits = undefined;
    inner.filled = false;
  } else reading.report(token.offset, 'error', `"${what}" has nothing here that it belongs to`);
}

/** Whether the innermost open thing is of the kind and complete so far; reports when it is not. */
function within({ open, report }: Reading, token: Token, kind: Opened['kind']): boolean {
  const inner = open.at(-1);
  if (inner?.kind !== kind) {
    const instead =
      inner === undefined ? 'nothing is open' : `${inner.word} is open and needs ${closerOf(inner.kind)}`;
    report(token.offset, 'error', `"${token.text}" does not fit here: ${instead}`);
    return false;
  }
  if (inner.awaits === undefined) {
    if (!inner.filled) report(token.offset, 'error', `there is no command before "${token.text}"`);
    return true;
  }
  report(token.offset, 'error', `"${inner.awaits}" is missing before "${token.text}"`);
  return true;
}

function close(reading: Reading, token: Token, kind: Opened['kind']): void {
  const { open } = reading;
  if (within(reading, token, kind)) open.pop();
  // So that what follows is read as its writer meant it.
  else if (open.some((outer) => outer.kind === kind)) while (open.pop()!.kind !== kind);
}

const LINUX = /^linux(16|efi)?$/;
const INITRD = /^initrd(16|efi)?$/;
/** Assignments, and names that are only known when it runs. */
const NO_COMMAND = /[=$@*]/;

function checkCommand(statement: Statement, { open, report, functions }: Reading): void {
  const [{ text, offset }, ...args] = statement;
  const block = open.at(-1)?.word === text ? open.at(-2) : open.at(-1);
  if (LINUX.test(text)) {
    for (const outer of open) outer.kernel = true;
    if (args.length === 0) report(offset, 'error', `${text} needs the file of a kernel`);
  } else if (INITRD.test(text)) {
    if (args.length === 0) report(offset, 'error', `${text} needs a file`);
    if (block?.word === 'menuentry' && !block.kernel)
      report(offset, 'error', `${text} comes before any kernel of this menu entry`);
  } else if (text === 'menuentry' || text === 'submenu') {
    if (args.length < 2) report(offset, 'error', `${text} needs a title and a block`);
    else if (args.at(-1)!.text !== '{') report(offset, 'error', `${text} needs a block: { is missing`);
  } else if (text === 'function') {
    if (args.length !== 2 || args[1]!.text !== '{')
      report(offset, 'error', 'function needs a name and a block');
  } else if (!NO_COMMAND.test(text) && !COMMANDS.has(text) && !functions.has(text)) {
    report(offset, 'warning', `GRUB has no command "${text}"${orRather(nearest(text, [...COMMANDS]))}`);
  }
}
