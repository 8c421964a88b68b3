/** From the text of a template to something that runs, kept by text. */

import { compileErb, type ErbProgram, templateOffset, UnclosedTag } from './erb.ts';
import { type Place, placeOf } from './errors.ts';
import { Compiler, compileProgram, type MacroUse } from './ruby/compile.ts';
import { parseRuby } from './ruby/prism.ts';
import type { Runtime } from './ruby/runtime.ts';

export type Problem = Place & { readonly message: string };

export type Program = {
  readonly text: string;
  /** Why it cannot run; none: it can. */
  readonly problems: readonly Problem[];
  readonly macroUses: readonly MacroUse[];
  readonly run: (runtime: Runtime) => void;
  /** The place of an offset in the Ruby text. */
  readonly place: (at: number) => Place;
};

/** Texts kept compiled; the least recently used goes first. Site libraries have some hundred templates. */
const KEPT = 500;
const kept = new Map<string, Program>();

export function programOf(text: string): Program {
  const found = kept.get(text);
  kept.delete(text);
  const program = found ?? compile(text);
  kept.set(text, program);
  if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
  return program;
}

function compile(text: string): Program {
  // Foreman strips carriage returns when a template is saved.
  const template = text.replaceAll('\r\n', '\n');
  try {
    return compileRuby(template, compileErb(template));
  } catch (error) {
    if (!(error instanceof UnclosedTag)) throw error;
    return broken(template, [{ ...placeOf(template, error.offset), message: error.message }]);
  }
}

function broken(text: string, problems: readonly Problem[]): Program {
  return { text, problems, macroUses: [], run: () => {}, place: () => ({ line: 1, column: 1 }) };
}

function compileRuby(text: string, erb: ErbProgram): Program {
  const place = (at: number) => placeOf(text, templateOffset(erb, at));
  const unitOf = unitOffsets(erb.ruby);
  const { value: tree, errors } = parseRuby(erb.ruby);
  if (errors.length > 0) {
    const problems = errors.map(({ message, location }) => ({
      ...place(unitOf(location.startOffset)),
      message: `syntax error: ${message}`,
    }));
    return broken(text, problems);
  }
  const compiler = new Compiler(erb, unitOf);
  const run = compileProgram(tree, compiler);
  const problems = compiler.faults.map(({ at, message }) => ({ ...place(at), message }));
  return { text, problems, macroUses: compiler.macroUses, run, place };
}

/** prism counts bytes of UTF-8; the rest of the program counts UTF-16 units. */
function unitOffsets(text: string): (byte: number) => number {
  if (!/[^\0-\x7f]/.test(text)) return (byte) => byte;
  const bytes: number[] = [];
  let unit = 0;
  for (const char of text) {
    const code = char.codePointAt(0)!;
    const width = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (let i = 0; i < width; i++) bytes.push(unit);
    unit += char.length;
  }
  return (byte) => bytes[byte] ?? text.length;
}
