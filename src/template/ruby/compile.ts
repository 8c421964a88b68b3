/**
 * The syntax tree to closures, once per template text. A node that is not in the tables of nodes/ is not part
 * of the language of templates and becomes a problem with its place; nothing is guessed.
 */

import type { ProgramNode } from '@ruby/prism/src/nodes.js';
import type { ErbProgram } from '../erb.ts';
import { RubyError } from '../errors.ts';
import { ASSIGNMENTS } from './nodes/assignments.ts';
import { CALLS } from './nodes/calls.ts';
import { CONTROL } from './nodes/control.ts';
import { LITERALS } from './nodes/literals.ts';
import type { Node, NodeCompiler, NodeTable } from './nodes/node.ts';
import { refusal } from './nodes/refused.ts';
import { VARIABLES } from './nodes/variables.ts';
import type { Runtime } from './runtime.ts';
import type { Value } from './values.ts';

/** Local variables of the program or of one call of a block. */
export type Frame = {
  readonly rt: Runtime;
  readonly vars: Value[];
  readonly up: Frame | undefined;
};

export type Run = (frame: Frame) => Value;

/** `at` is an offset in the Ruby text, in UTF-16 units. */
export type Fault = { readonly at: number; readonly message: string };

/** A call without a receiver, for the check of names and numbers of arguments. */
export type MacroUse = { readonly name: string; readonly at: number; readonly given: number | undefined };

/** What `next` and `break` inside of it refer to. */
export type Target = { readonly kind: 'loop' | 'block'; jumps: boolean };

export class Compiler {
  readonly faults: Fault[] = [];
  readonly macroUses: MacroUse[] = [];
  readonly targets: Target[] = [];
  /** Calls that the ERB compiler wrote; see `ErbProgram.generated`. */
  readonly generated: ReadonlySet<number>;
  readonly chunks: readonly string[];
  private flipFlops = 0;
  private readonly ruby: string;
  private readonly scopes: (readonly string[])[] = [];
  private readonly unitOf: (byte: number) => number;

  constructor(
    { ruby, chunks, generated }: Pick<ErbProgram, 'ruby' | 'chunks' | 'generated'>,
    unitOf: (byte: number) => number,
  ) {
    this.ruby = ruby;
    this.chunks = chunks;
    this.generated = generated;
    this.unitOf = unitOf;
  }

  compile(node: Node): Run {
    const compiler = NODES.get(node.constructor) as NodeCompiler<Node> | undefined;
    if (compiler === undefined) return this.refuse(node, refusal(node));
    try {
      return compiler(node, this);
    } catch (error) {
      if (error instanceof RubyError) return this.refuse(node, error.message);
      throw error;
    }
  }

  compileOptional(node: Node | null): Run {
    return node === null ? NIL_RUN : this.compile(node);
  }

  refuse(node: Node, message: string): Run {
    this.faults.push({ at: this.at(node), message });
    return NIL_RUN;
  }

  at(node: Node): number {
    return this.unitOf(node.location.startOffset);
  }

  /** What the user wrote there. */
  source({ startOffset, length }: Node['location']): string {
    return this.ruby.slice(this.unitOf(startOffset), this.unitOf(startOffset + length));
  }

  unit(byte: number): number {
    return this.unitOf(byte);
  }

  /** Compiles within a scope of its own; `locals` name its slots. */
  inScope<T>(locals: readonly string[], compile: () => T): T {
    this.scopes.push(locals);
    const result = compile();
    this.scopes.pop();
    return result;
  }

  slot(name: string, depth: number): number {
    return this.scopes.at(-1 - depth)!.indexOf(name);
  }

  /** A number that no other one of this program has. */
  flipFlop(): number {
    return this.flipFlops++;
  }

  /** Counted from 1, in the template as in the Ruby text. */
  line(node: Node): number {
    return this.ruby.slice(0, this.at(node)).split('\n').length;
  }

  inTarget<T>(kind: Target['kind'], compile: () => T): { readonly result: T; readonly jumps: boolean } {
    const target: Target = { kind, jumps: false };
    this.targets.push(target);
    const result = compile();
    this.targets.pop();
    return { result, jumps: target.jumps };
  }
}

const NIL_RUN: Run = () => null;

const NODES: NodeTable = new Map([...LITERALS, ...VARIABLES, ...ASSIGNMENTS, ...CONTROL, ...CALLS]);

export function compileProgram(node: ProgramNode, compiler: Compiler): (rt: Runtime) => Value {
  const run = compiler.inScope(node.locals, () => compiler.compile(node.statements));
  const size = node.locals.length;
  return (rt) => run({ rt, vars: new Array<Value>(size).fill(null), up: undefined });
}
