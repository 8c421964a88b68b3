/** `list[i] += 1`, `hash[key] ||= []`, `object.name &&= x`: what is read and written back through methods. */

import {
  CallAndWriteNode,
  CallOperatorWriteNode,
  CallOrWriteNode,
  IndexAndWriteNode,
  IndexOperatorWriteNode,
  IndexOrWriteNode,
} from '@ruby/prism/src/nodes.js';
import type { Compiler, Frame, Run } from '../compile.ts';
import { truthy, type Value } from '../values.ts';
import { list } from './literals.ts';
import { on } from './node.ts';
import { refusal } from './refused.ts';

type IndexWrite = IndexAndWriteNode | IndexOrWriteNode | IndexOperatorWriteNode;
type CallWrite = CallAndWriteNode | CallOrWriteNode | CallOperatorWriteNode;

/** What is assigned to: receiver and arguments are worked out once, for reading and for writing. */
type Element = {
  readonly receiver: Run;
  readonly args: (frame: Frame) => readonly Value[];
  readonly reader: string;
  readonly writer: string;
  readonly skipsNil: boolean;
  readonly at: number;
};

function indexed(node: IndexWrite, compiler: Compiler): Element | undefined {
  // There is nothing that a receiver left out could be.
  if (node.receiver === null || node.block !== null) return undefined;
  const receiver = compiler.compile(node.receiver);
  const args = list(node.arguments_?.arguments_ ?? [], compiler);
  const at = compiler.unit(node.openingLoc.startOffset);
  return { receiver, args, reader: '[]', writer: '[]=', skipsNil: node.isSafeNavigation(), at };
}

function attribute(node: CallWrite, compiler: Compiler): Element | undefined {
  if (node.receiver === null) return undefined;
  const receiver = compiler.compile(node.receiver);
  const at = compiler.unit((node.messageLoc ?? node.location).startOffset);
  const skipsNil = node.isSafeNavigation();
  return { receiver, args: () => [], reader: node.readName, writer: node.writeName, skipsNil, at };
}

/** Answers what to write, or undefined to leave it as it is. */
type Change = (frame: Frame, old: Value) => Value | undefined;

function rewrite(element: Element, change: Change): Run {
  const { receiver, args, reader, writer, skipsNil, at } = element;
  return (frame) => {
    const { rt } = frame;
    const self = receiver(frame);
    if (skipsNil && self === null) return null;
    const given = args(frame);
    rt.at = at;
    const old = rt.send(self, reader, given);
    const value = change(frame, old);
    if (value === undefined) return old;
    rt.at = at;
    rt.send(self, writer, [...given, value]);
    return value;
  };
}

function unless(value: Run, keeps: boolean): Change {
  return (frame, old) => (truthy(old) === keeps ? undefined : value(frame));
}

function operated(value: Run, operator: string, at: number): Change {
  return (frame, old) => {
    const operand = value(frame);
    frame.rt.at = at;
    return frame.rt.send(old, operator, [operand]);
  };
}

function changeOf(node: IndexWrite | CallWrite, compiler: Compiler): Change {
  const value = compiler.compile(node.value);
  if (node instanceof IndexOrWriteNode || node instanceof CallOrWriteNode) return unless(value, true);
  if (node instanceof IndexAndWriteNode || node instanceof CallAndWriteNode) return unless(value, false);
  return operated(value, node.binaryOperator, compiler.at(node));
}

function compileIndex(node: IndexWrite, compiler: Compiler): Run {
  const element = indexed(node, compiler);
  if (element === undefined) return compiler.refuse(node, refusal(node));
  return rewrite(element, changeOf(node, compiler));
}

function compileCall(node: CallWrite, compiler: Compiler): Run {
  const element = attribute(node, compiler);
  if (element === undefined) return compiler.refuse(node, refusal(node));
  return rewrite(element, changeOf(node, compiler));
}

export const ASSIGNMENTS = [
  on(IndexAndWriteNode, compileIndex),
  on(IndexOrWriteNode, compileIndex),
  on(IndexOperatorWriteNode, compileIndex),
  on(CallAndWriteNode, compileCall),
  on(CallOrWriteNode, compileCall),
  on(CallOperatorWriteNode, compileCall),
];
