/** From the text of a template to something that runs, kept by text. */

import { compileErb, type ErbProgram, templateOffset, UnclosedTag, withoutCarriageReturns } from './erb.ts';
import { type Place, placeOf, RubyError } from './errors.ts';
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
  /** Of its text chunks, see `ErbProgram`. */
  readonly chunkOrigins: ErbProgram['chunkOrigins'];
  /** The place of an offset in the Ruby text. */
  readonly place: (at: number) => Place;
};

/** Characters of texts kept compiled, the least recently used going first: several whole site libraries. */
const KEPT_CHARACTERS = 8 << 20;
const kept = new Map<string, Program>();
let keptCharacters = 0;

export function programOf(text: string): Program {
  const found = kept.get(text);
  if (found !== undefined) kept.delete(text);
  else keptCharacters += text.length;
  const program = found ?? compile(text);
  kept.set(text, program);
  forgetOldest();
  return program;
}

function forgetOldest(): void {
  for (const text of kept.keys()) {
    if (keptCharacters <= KEPT_CHARACTERS) return;
    kept.delete(text);
    keptCharacters -= text.length;
  }
}

/** Working out places takes time; nobody reads more than this. */
export const MAX_PROBLEMS = 50;

/** Far beyond any template; parsing takes time and memory in proportion. */
const MAX_LENGTH = 1 << 20;

function compile(text: string): Program {
  if (text.length > MAX_LENGTH) {
    return broken(text, [
      { line: 1, column: 1, message: `the template is longer than ${MAX_LENGTH} characters` },
    ]);
  }
  const template = withoutCarriageReturns(text);
  try {
    return compileRuby(template, compileErb(template));
  } catch (error) {
    return broken(template, [problemOf(error, template)]);
  }
}

function problemOf(error: unknown, template: string): Problem {
  if (error instanceof UnclosedTag) return { ...placeOf(template, error.offset), message: error.message };
  if (error instanceof RubyError) return { line: 1, column: 1, message: error.message };
  // Our own recursion over the tree met the end of the stack.
  if (error instanceof RangeError)
    return { line: 1, column: 1, message: 'the template is nested too deeply' };
  throw error;
}

function broken(text: string, problems: readonly Problem[]): Program {
  const place = () => ({ line: 1, column: 1 });
  return { text, problems, macroUses: [], run: () => {}, chunkOrigins: [], place };
}

function compileRuby(text: string, erb: ErbProgram): Program {
  const place = (at: number) => placeOf(text, templateOffset(erb, at));
  const unitOf = unitOffsets(erb.ruby);
  const { value: tree, errors } = parseRuby(erb.ruby);
  if (errors.length > 0) {
    const problems = errors.slice(0, MAX_PROBLEMS).map(({ message, location }) => ({
      ...place(unitOf(location.startOffset)),
      message: `syntax error: ${message}`,
    }));
    return broken(text, problems);
  }
  const compiler = new Compiler(erb, unitOf);
  const run = compileProgram(tree, compiler);
  const problems = compiler.faults
    .slice(0, MAX_PROBLEMS)
    .map(({ at, message }) => ({ ...place(at), message }));
  const { macroUses } = compiler;
  return { text, problems, macroUses, run, chunkOrigins: erb.chunkOrigins, place };
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
