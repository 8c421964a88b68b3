/** Finds, without running it, what would make an iPXE script fail on a machine. Pure. */

import { commandSpec, parseArguments } from './commands.ts';
import { parseScript, type Script, type ScriptLine, type ScriptProblem } from './parse.ts';

/** All problems of a text, in the order of their lines; empty when none was found. Never throws. */
export function lintScript(text: string): readonly ScriptProblem[] {
  const parsed = parseScript(text);
  if (!parsed.ok) return parsed.problems;
  const labels = labelLines(parsed.script);
  const problems = parsed.script.lines.flatMap((line) => [
    ...lintLabel(line, labels),
    ...line.commands.flatMap((command) => lintCommand(command.words, line.number, labels)),
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
  words: readonly string[],
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
  if (command.optional) {
    return problem('not-in-every-build', `most iPXE builds come without the command "${name}"`, 'warning');
  }
  const target = usage.words[0];
  if (name === 'goto' && target !== undefined && !target.includes('${') && !labels.has(target)) {
    return problem('label-missing', `there is no label :${target}`);
  }
  return [];
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
