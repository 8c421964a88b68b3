/** Local variables, which live across tags, and instance variables, which can only be read. */

import {
  InstanceVariableReadNode,
  LocalVariableAndWriteNode,
  LocalVariableOperatorWriteNode,
  LocalVariableOrWriteNode,
  LocalVariableReadNode,
  LocalVariableTargetNode,
  LocalVariableWriteNode,
  MultiTargetNode,
  MultiWriteNode,
  RequiredParameterNode,
  SplatNode,
} from '@ruby/prism/src/nodes.js';
import type { Compiler, Frame, Run } from '../compile.ts';
import { truthy, type Value } from '../values.ts';
import { type Node, on } from './node.ts';
import { refusal } from './refused.ts';

export type Assign = (frame: Frame, value: Value) => void;

type Named = { readonly name: string; readonly depth: number };

function frameAt(frame: Frame, depth: number): Frame {
  let found = frame;
  for (let i = 0; i < depth; i++) found = found.up!;
  return found;
}

function read({ name, depth }: Named, compiler: Compiler): Run {
  const slot = compiler.slot(name, depth);
  if (depth === 0) return (frame) => frame.vars[slot]!;
  return (frame) => frameAt(frame, depth).vars[slot]!;
}

function write({ name, depth }: Named, compiler: Compiler): Assign {
  const slot = compiler.slot(name, depth);
  return (frame, value) => {
    frameAt(frame, depth).vars[slot] = value;
  };
}

/** Anything that can stand on the left of a multiple assignment, in `for`, or between the bars of a block. */
export function target(node: Node, compiler: Compiler): Assign {
  if (node instanceof LocalVariableTargetNode) return write(node, compiler);
  if (node instanceof RequiredParameterNode) return write({ name: node.name, depth: 0 }, compiler);
  if (node instanceof MultiTargetNode) return destructure(node, compiler);
  compiler.refuse(node, refusal(node));
  return () => {};
}

type Pattern = {
  readonly lefts: readonly Node[];
  readonly rest: Node | null;
  readonly rights: readonly Node[];
};

/** `a, (b, c), *d, e = value` */
export function destructure({ lefts, rest, rights }: Pattern, compiler: Compiler): Assign {
  const before = lefts.map((node) => target(node, compiler));
  const after = rights.map((node) => target(node, compiler));
  const middle =
    rest instanceof SplatNode && rest.expression !== null ? target(rest.expression, compiler) : undefined;
  return (frame, value) => {
    const values = Array.isArray(value) ? value : [value];
    before.forEach((assign, i) => {
      assign(frame, values[i] ?? null);
    });
    const end = Math.max(before.length, values.length - after.length);
    middle?.(frame, values.slice(before.length, end));
    const tail = rest === null ? before.length : end;
    after.forEach((assign, i) => {
      assign(frame, values[tail + i] ?? null);
    });
  };
}

export const VARIABLES = [
  on(LocalVariableReadNode, read),
  on(LocalVariableWriteNode, (node, compiler) => {
    const [value, assign] = [compiler.compile(node.value), write(node, compiler)];
    return (frame) => {
      const result = value(frame);
      assign(frame, result);
      return result;
    };
  }),
  on(LocalVariableOperatorWriteNode, (node, compiler) => {
    const [old, value, assign] = [read(node, compiler), compiler.compile(node.value), write(node, compiler)];
    const [operator, at] = [node.binaryOperator, compiler.at(node)];
    return (frame) => {
      const current = old(frame);
      const operand = value(frame);
      frame.rt.at = at;
      const result = frame.rt.send(current, operator, [operand]);
      assign(frame, result);
      return result;
    };
  }),
  on(LocalVariableOrWriteNode, (node, compiler) => writeUnless(node, compiler, true)),
  on(LocalVariableAndWriteNode, (node, compiler) => writeUnless(node, compiler, false)),
  on(MultiWriteNode, (node, compiler) => {
    const [value, assign] = [compiler.compile(node.value), destructure(node, compiler)];
    return (frame) => {
      const result = value(frame);
      assign(frame, result);
      return result;
    };
  }),
  on(
    InstanceVariableReadNode,
    ({ name }) =>
      (frame) =>
        frame.rt.variables.get(name) ?? null,
  ),
];

/** `||=` writes unless the variable is true, `&&=` unless it is false. */
function writeUnless(node: Named & { readonly value: Node }, compiler: Compiler, keeps: boolean): Run {
  const [old, value, assign] = [read(node, compiler), compiler.compile(node.value), write(node, compiler)];
  return (frame) => {
    const current = old(frame);
    if (truthy(current) === keeps) return current;
    const result = value(frame);
    assign(frame, result);
    return result;
  };
}
