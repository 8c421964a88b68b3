/** Finds, without running it, what would make an iPXE script fail on a machine. Pure. */

import { commandSpec, parseArguments } from './commands.ts';
import { type Command, parseScript, type Script, type ScriptLine, type ScriptProblem } from './parse.ts';
import { isSettingType } from './settings.ts';

/** All problems of a text, in the order of their lines; empty when none was found. Never throws. */
export function lintScript(text: string): readonly ScriptProblem[] {
  const parsed = parseScript(text);
  if (!parsed.ok) return parsed.problems;
  const labels = labelLines(parsed.script);
  const texts = textSettings(parsed.script);
  const problems = parsed.script.lines.flatMap((line) => [
    ...lintLabel(line, labels),
    ...lintCounting(line, texts),
    ...line.commands.flatMap((command) => lintCommand(command, line.number, labels)),
  ]);
  return problems.sort((a, b) => a.line - b.line);
}

/** The line each label is found at first. */
function labelLines(script: Script): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const { label, number } of script.lines) {
    if (label !== undefined && !found.has(label)) found.set(label, number);
  }
  return found;
}

/** Settings that `set` makes a text of; `set i:int32 0` would make a number. */
function textSettings(script: Script): ReadonlySet<string> {
  const commands = script.lines.flatMap((line) => line.commands.map(({ words }) => words));
  return new Set(
    commands.filter(([name, setting]) => name === 'set' && !setting?.includes(':')).map((words) => words[1]!),
  );
}

function lintCounting(line: ScriptLine, texts: ReadonlySet<string>): ScriptProblem[] {
  const counted = line.commands.filter(({ words }) => words[0] === 'inc' && texts.has(words[1] ?? ''));
  return counted.map(({ words }) => ({
    code: 'text-counted',
    severity: 'warning',
    line: line.number,
    message: `"set ${words[1]} …" makes a text, which Debian's iPXE builds cannot count: write "set ${words[1]}:int32 …"`,
  }));
}

function lintLabel(line: ScriptLine, labels: ReadonlyMap<string, number>): ScriptProblem[] {
  if (line.label === undefined) return [];
  const first = labels.get(line.label);
  if (first === line.number) return [];
  return [
    {
      code: 'label-twice',
      severity: 'warning',
      line: line.number,
      message: `the label :${line.label} is already at line ${first}, which is the one "goto" finds`,
    },
  ];
}

function lintCommand(
  { words, next }: Command,
  line: number,
  labels: ReadonlyMap<string, number>,
): ScriptProblem[] {
  const problem = (
    code: ScriptProblem['code'],
    message: string,
    severity: ScriptProblem['severity'] = 'error',
  ): ScriptProblem[] => [{ code, severity, line, message }];

  const [name, ...rest] = words;
  const torn = words.find((word) => isTorn(word));
  if (torn !== undefined) {
    return problem(
      'setting-unterminated',
      `"${torn}" has no closing brace in the same word, so it is not expanded`,
    );
  }
  if (name === undefined || name.includes('${')) return [];
  const command = commandSpec(name);
  if (command === undefined) return problem('unknown-command', `there is no command "${name}"`);
  const usage = parseArguments(name, command, rest);
  if (typeof usage === 'string') return problem('usage', `${name}: ${usage}`);
  // `ping … || echo …`: a build without the command goes on as the script says.
  if (command.optional && next !== 'on-failure') {
    return problem(
      'not-in-every-build',
      `Debian's iPXE builds come without the command "${name}"`,
      'warning',
    );
  }
  const type = unknownType(words);
  if (type !== undefined) {
    return problem(
      'not-in-every-build',
      `Debian's iPXE builds do not know the setting type ":${type}"`,
      'warning',
    );
  }
  const target = usage.words[0];
  if (name === 'goto' && target !== undefined && !target.includes('${') && !labels.has(target)) {
    return problem('label-missing', `there is no label :${target}`);
  }
  return [];
}

/** The first type of a setting in these words that reads as nothing. */
function unknownType(words: readonly string[]): string | undefined {
  const types = words.flatMap((word) =>
    [...word.matchAll(/\$\{[^${}]*:([a-z0-9]+)\}/g)].map((match) => match[1]!),
  );
  return types.find((type) => !isSettingType(type));
}

/** More `${` than `}` after them: white space inside the braces has torn the word. */
function isTorn(word: string): boolean {
  let depth = 0;
  for (let i = 0; i < word.length; i++) {
    if (word.startsWith('${', i)) depth++;
    else if (word[i] === '}' && depth > 0) depth--;
  }
  return depth > 0;
}
