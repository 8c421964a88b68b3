/** What a running template is to the compiled code and to the methods: output, calls and budgets. */

import type { Budget } from '../budget.ts';
import { RubyError } from '../errors.ts';
import type { Trail } from '../origins.ts';
import type { Cells } from '../whereabouts.ts';
import { tableOf } from './core/classes.ts';
import { checkArity, type MethodTable } from './core/table.ts';
import { compareText } from './text.ts';
import { describe, isInteger, RString, truthy, type Value } from './values.ts';

/** A block as methods see it; it spreads its arguments over its parameters as Ruby does. */
export type Block = (...args: Value[]) => Value;

/** What is noted down about the way that a render takes. */
type Tracking = {
  readonly trail?: Trail | undefined;
  /** Offsets are kept in this cell. */
  readonly cells?: Cells;
  readonly cell?: number;
};

export class Runtime {
  readonly budget: Budget;
  /** Functions that are called without a receiver, and what they are called on. */
  private readonly macros: MethodTable;
  private readonly host: unknown;
  /** Instance variables, by name with the `@`. */
  readonly variables: Pick<ReadonlyMap<string, Value>, 'get'>;
  /** Like ERB's `_erbout`: the one string that everything is appended to. */
  readonly output = new RString('');
  /** Those that are on, by the compiler's numbers. */
  readonly flipFlops = new Set<number>();
  /** Where the output comes from, when somebody asked for it. */
  readonly trail: Trail | undefined;
  private readonly cells: Cells;
  private readonly cell: number;

  constructor(
    budget: Budget,
    macros: MethodTable,
    host: unknown,
    variables: Pick<ReadonlyMap<string, Value>, 'get'>,
    { trail, cells = new Int32Array(1), cell = 0 }: Tracking = {},
  ) {
    this.budget = budget;
    this.macros = macros;
    this.host = host;
    this.variables = variables;
    this.trail = trail;
    this.cells = cells;
    this.cell = cell;
  }

  /** Offset in the Ruby text of the call that is being made, for errors. */
  get at(): number {
    return this.cells[this.cell]!;
  }

  set at(offset: number) {
    this.cells[this.cell] = offset;
  }

  /** Calls a method; the only way code of a template reaches anything. */
  send(receiver: Value, name: string, args: readonly Value[], block?: Block): Value {
    this.budget.step();
    const method = tableOf(receiver)[name];
    if (method === undefined) throw new RubyError(`undefined method '${name}' for ${describe(receiver)}`);
    if (args.length < method.min || args.length > method.max) checkArity(method, args.length);
    const result = method.body(receiver as never, args, this, block);
    // What was there before is not charged again: `each` answers its receiver.
    return result === receiver ? result : this.charge(result);
  }

  macro(name: string, args: readonly Value[], block: Block | undefined, looksLikeVariable: boolean): Value {
    this.budget.step();
    const macro = this.macros[name];
    if (macro === undefined) {
      throw new RubyError(
        looksLikeVariable ? `undefined local variable or macro '${name}'` : `undefined macro '${name}'`,
      );
    }
    checkArity(macro, args.length);
    return this.charge(macro.body(this.host as never, args, this, block));
  }

  respondsTo(receiver: Value, name: string): boolean {
    return tableOf(receiver)[name] !== undefined;
  }

  private charge(result: Value): Value {
    if (result instanceof RString) this.budget.characters(result.text.length);
    else if (Array.isArray(result)) this.budget.elements(result.length);
    return result;
  }

  /** `_erbout << text` */
  append(text: string): Value {
    this.budget.characters(text.length);
    this.output.text += text;
    return this.output;
  }

  // What methods ask of their arguments most.

  text(value: Value): string {
    if (value instanceof RString) return value.text;
    if (value === null) return '';
    if (typeof value === 'number') return String(value);
    const result = this.send(value, 'to_s', []);
    return result instanceof RString ? result.text : '';
  }

  inspect(value: Value): string {
    const result = this.send(value, 'inspect', []);
    return result instanceof RString ? result.text : '';
  }

  equal(a: Value, b: Value): boolean {
    if (a instanceof RString && b instanceof RString) return a.text === b.text;
    return a === b || truthy(this.send(a, '==', [b]));
  }

  /** `<=>` that must have an answer. */
  compare(a: Value, b: Value): number {
    if (a instanceof RString && b instanceof RString) return compareText(a.text, b.text);
    const order = this.send(a, '<=>', [b]);
    if (isInteger(order)) return Number(order);
    throw new RubyError(`comparison of ${describe(a)} with ${describe(b)} failed`);
  }
}
