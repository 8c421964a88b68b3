/** Numbers, strings, symbols, arrays, hashes, ranges, regular expressions, constants. */

import {
  ArrayNode,
  type AssocNode,
  AssocSplatNode,
  ConstantPathNode,
  ConstantReadNode,
  EmbeddedStatementsNode,
  EmbeddedVariableNode,
  FalseNode,
  FloatNode,
  HashNode,
  ImplicitNode,
  IntegerNode,
  InterpolatedStringNode,
  InterpolatedSymbolNode,
  KeywordHashNode,
  NilNode,
  ParenthesesNode,
  RangeNode,
  RationalNode,
  RegularExpressionNode,
  SourceEncodingNode,
  SourceLineNode,
  SplatNode,
  StringNode,
  SymbolNode,
  TrueNode,
} from '@ruby/prism/src/nodes.js';
import { RubyError } from '../../errors.ts';
import { wantHash } from '../arguments.ts';
import type { Compiler, Frame, Run } from '../compile.ts';
import { items } from '../core/enumerable.ts';
import { rational } from '../rational.ts';
import { makeRegexp } from '../regex.ts';
import {
  type Integer,
  integer,
  RClass,
  RFloat,
  RHash,
  RRange,
  RString,
  str,
  sym,
  type Value,
} from '../values.ts';
import { type Node, on } from './node.ts';

/** Constants that safe mode lets through. */
const CONSTANTS: ReadonlySet<string> = new Set(['String', 'Encoding']);

/** Ends that cannot be compared make no range. */
function range({ rt }: Frame, first: Value, last: Value, excludesLast: boolean): RRange {
  const open = first === null || last === null;
  const numbers = typeof first === 'number' && typeof last === 'number';
  if (!open && !numbers && rt.send(first, '<=>', [last]) === null) throw new RubyError('bad value for range');
  return new RRange(first, last, excludesLast);
}

/** Parts of `"a#{b}c"`, put together. */
function interpolation(parts: readonly Node[], compiler: Compiler): (frame: Frame) => string {
  const runs = parts.map((part) =>
    part instanceof StringNode ? part.unescaped.value : compiler.compile(part),
  );
  return (frame) => {
    let text = '';
    for (const run of runs) {
      const piece = typeof run === 'string' ? run : frame.rt.text(run(frame));
      frame.rt.budget.characters(piece.length);
      text += piece;
    }
    return text;
  };
}

/** Elements of an array literal or arguments of a call, splats spread out. */
export function list(nodes: readonly Node[], compiler: Compiler): (frame: Frame) => Value[] {
  const runs = nodes.map((node) =>
    node instanceof SplatNode
      ? { spread: true, run: compiler.compileOptional(node.expression) }
      : { spread: false, run: compiler.compile(node) },
  );
  if (!runs.some(({ spread }) => spread)) {
    const plain = runs.map(({ run }) => run);
    return (frame) => {
      const values = new Array<Value>(plain.length);
      for (let i = 0; i < plain.length; i++) values[i] = plain[i]!(frame);
      return values;
    };
  }
  return (frame) => runs.flatMap(({ spread, run }) => (spread ? spreadOut(run(frame), frame) : [run(frame)]));
}

/** `*value`: an array, hash or range gives its elements, nil gives none, anything else itself. */
export function spreadOut(value: Value, frame: Frame): readonly Value[] {
  if (value === null) return [];
  const walkable = Array.isArray(value) || value instanceof RHash || value instanceof RRange;
  const elements = walkable ? items(value, frame.rt) : [value];
  frame.rt.budget.elements(elements.length);
  return elements;
}

function hash(elements: readonly Node[], compiler: Compiler): Run {
  const fills = elements.map((element) => hashElement(element, compiler));
  return (frame) => {
    const result = new RHash();
    frame.rt.budget.elements(fills.length);
    for (const fill of fills) fill(frame, result);
    return result;
  };
}

function hashElement(element: Node, compiler: Compiler): (frame: Frame, hash: RHash) => void {
  if (element instanceof AssocSplatNode) {
    const run = compiler.compileOptional(element.value);
    return (frame, hash) => {
      for (const [key, value] of wantHash(run(frame)).pairs()) hash.set(key, value);
    };
  }
  const { key, value } = element as AssocNode;
  const [runKey, runValue] = [compiler.compile(key), compiler.compile(value)];
  return (frame, hash) => hash.set(runKey(frame), runValue(frame));
}

function constant(node: Node, name: string, compiler: Compiler): Run {
  if (!CONSTANTS.has(name.split('::')[0]!)) {
    return compiler.refuse(node, `the constant ${name} is not allowed in templates`);
  }
  const value = new RClass(name);
  return () => value;
}

/** From the source: the parser's own value is wrong from 2^32 - 1 on (prism 1.9 shifts 32-bit words). */
function integerLiteral(source: string): Integer {
  const digits = source.replaceAll('_', '').toLowerCase().replace(/^-/, '').replace(/^0d/, '');
  const octal = /^0\d/.test(digits) ? `0o${digits}` : digits;
  const value = BigInt(octal);
  return integer(source.startsWith('-') ? -value : value);
}

/** `3r`, `1.25r` */
function rationalLiteral(source: string): Value {
  const [whole = '', fraction = ''] = source.replaceAll('_', '').slice(0, -1).split('.');
  return rational(BigInt(integerLiteral(whole + fraction)), 10n ** BigInt(fraction.length));
}

export const LITERALS = [
  on(NilNode, () => () => null),
  on(TrueNode, () => () => true),
  on(FalseNode, () => () => false),
  on(IntegerNode, (node, compiler) => {
    const value = integerLiteral(compiler.source(node.location));
    return () => value;
  }),
  on(FloatNode, (node) => {
    const value = new RFloat(node.value);
    return () => value;
  }),
  on(RationalNode, (node, compiler) => {
    const value = rationalLiteral(compiler.source(node.location));
    return () => value;
  }),
  on(SourceLineNode, (node, compiler) => {
    const line = compiler.line(node);
    return () => line;
  }),
  on(SourceEncodingNode, () => {
    const encoding = new RClass('Encoding::UTF_8');
    return () => encoding;
  }),
  on(ImplicitNode, (node, compiler) => compiler.compile(node.value)),
  on(StringNode, (node) => {
    const text = node.unescaped.value;
    return () => new RString(text);
  }),
  on(SymbolNode, (node) => {
    const symbol = sym(node.unescaped.value);
    return () => symbol;
  }),
  on(InterpolatedStringNode, (node, compiler) => {
    const text = interpolation(node.parts, compiler);
    return (frame) => str(text(frame));
  }),
  on(InterpolatedSymbolNode, (node, compiler) => {
    const text = interpolation(node.parts, compiler);
    return (frame) => sym(text(frame));
  }),
  on(EmbeddedStatementsNode, (node, compiler) => compiler.compileOptional(node.statements)),
  on(EmbeddedVariableNode, (node, compiler) => compiler.compile(node.variable)),
  on(RegularExpressionNode, (node, compiler) => {
    const options = [node.isMultiLine() && 'm', node.isIgnoreCase() && 'i', node.isExtended() && 'x'];
    const regexp = makeRegexp(compiler.source(node.contentLoc), options.filter(Boolean).join(''));
    return () => regexp;
  }),
  on(ArrayNode, (node, compiler) => {
    const elements = list(node.elements, compiler);
    return (frame) => {
      const values = elements(frame);
      frame.rt.budget.elements(values.length);
      return values;
    };
  }),
  on(HashNode, (node, compiler) => hash(node.elements, compiler)),
  on(KeywordHashNode, (node, compiler) => hash(node.elements, compiler)),
  on(RangeNode, (node, compiler) => {
    const [first, last] = [compiler.compileOptional(node.left), compiler.compileOptional(node.right)];
    const excludesLast = node.isExcludeEnd();
    return (frame) => range(frame, first(frame), last(frame), excludesLast);
  }),
  on(ParenthesesNode, (node, compiler) => compiler.compileOptional(node.body)),
  on(ConstantReadNode, (node, compiler) => constant(node, node.name, compiler)),
  on(ConstantPathNode, (node, compiler) => {
    const parent = node.parent instanceof ConstantReadNode ? `${node.parent.name}::` : '::';
    return constant(node, `${parent}${node.name}`, compiler);
  }),
];
