/** Calls: methods of values, macros, and what the ERB compiler wrote. */

import {
  type ArgumentsNode,
  BlockNode,
  CallNode,
  type IntegerNode,
  ParenthesesNode,
  SelfNode,
  SplatNode,
} from '@ruby/prism/src/nodes.js';
import { TEXT_CALL, VALUE_CALL } from '../../erb.ts';
import type { Compiler, Frame, Run } from '../compile.ts';
import type { Block } from '../runtime.ts';
import { truthy, type Value } from '../values.ts';
import { compileBlock } from './blocks.ts';
import { Jump } from './control.ts';
import { list } from './literals.ts';
import { type Node, on } from './node.ts';
import { refusal } from './refused.ts';

const NO_VALUES: readonly Value[] = [];

function argumentNodes(node: ArgumentsNode | null): readonly Node[] {
  return node === null ? [] : node.arguments_;
}

function argumentList(node: ArgumentsNode | null, compiler: Compiler): (frame: Frame) => readonly Value[] {
  return node === null ? () => NO_VALUES : list(node.arguments_, compiler);
}

type MakeBlock = (frame: Frame) => Block;

function blockOf(node: CallNode, compiler: Compiler): MakeBlock | undefined {
  if (node.block === null) return undefined;
  if (node.block instanceof BlockNode) return compileBlock(node.block, compiler);
  compiler.refuse(node.block, refusal(node.block));
  return undefined;
}

/** `break` in a block ends the call that the block was given to. */
function catchingBreak(makeBlock: MakeBlock, frame: Frame, call: (block: Block) => Value): Value {
  try {
    return call(makeBlock(frame));
  } catch (error) {
    if (error instanceof Jump && error.kind === 'break' && error.frame?.up === frame) return error.value;
    throw error;
  }
}

function isSplat(node: Node): boolean {
  return node instanceof SplatNode;
}

function macroCall(node: CallNode, compiler: Compiler): Run {
  const at = compiler.at(node);
  const generated = compiler.generated.has(at);
  const nodes = argumentNodes(node.arguments_);
  if (generated && node.name === TEXT_CALL) return textCall(nodes[0] as IntegerNode, compiler);
  if (generated && node.name === VALUE_CALL) return valueCall(nodes[0]!, compiler);
  const [args, makeBlock] = [argumentList(node.arguments_, compiler), blockOf(node, compiler)];
  const [name, looksLikeVariable] = [node.name, node.isVariableCall()];
  compiler.macroUses.push({ name, at, given: nodes.some(isSplat) ? undefined : nodes.length });
  return (frame) => {
    const values = args(frame);
    const call = (block: Block | undefined) => {
      frame.rt.at = at;
      return frame.rt.macro(name, values, block, looksLikeVariable);
    };
    return makeBlock === undefined ? call(undefined) : catchingBreak(makeBlock, frame, call);
  };
}

function textCall(number: IntegerNode, compiler: Compiler): Run {
  const index = Number(number.value);
  const chunk = compiler.chunks[index]!;
  return ({ rt }) => {
    rt.trail?.text(rt.output.text.length, index, chunk);
    return rt.append(chunk);
  };
}

function valueCall(node: Node, compiler: Compiler): Run {
  // The ERB compiler's own parenthesis stands before what the user wrote.
  const inner = (node instanceof ParenthesesNode && node.body) || undefined;
  const [value, at] = [compiler.compile(node), inner ? compiler.at(inner) : compiler.at(node) + 1];
  return (frame) => {
    const { rt } = frame;
    const result = value(frame);
    rt.at = at;
    const text = rt.text(result);
    rt.trail?.value(rt.output.text.length, at, text);
    return rt.append(text);
  };
}

/** Why a call is refused although its name is in no table. */
function refusedCall(node: CallNode): string | undefined {
  if (node.name === '=~' || node.name === '!~')
    return `${node.name} is not allowed in templates: use match or match?`;
  if (!node.isAttributeWrite()) return undefined;
  return `assigning to ${node.name === '[]=' ? 'an element' : 'an attribute'} is not allowed in templates`;
}

function methodCall(node: CallNode, receiverNode: Node, compiler: Compiler): Run {
  const [receiver, args] = [compiler.compile(receiverNode), argumentList(node.arguments_, compiler)];
  const makeBlock = blockOf(node, compiler);
  const { name } = node;
  const [skipsNil, at] = [node.isSafeNavigation(), placeOfName(node, compiler)];
  if (name === '!' && node.arguments_ === null) return (frame) => !truthy(receiver(frame));
  return (frame) => {
    const self = receiver(frame);
    if (skipsNil && self === null) return null;
    const values = args(frame);
    if (makeBlock === undefined) {
      frame.rt.at = at;
      return frame.rt.send(self, name, values);
    }
    return catchingBreak(makeBlock, frame, (block) => {
      frame.rt.at = at;
      return frame.rt.send(self, name, values, block);
    });
  };
}

/** Errors point at the method's name, not at the beginning of the chain it ends. */
function placeOfName(node: CallNode, compiler: Compiler): number {
  return node.messageLoc === null ? compiler.at(node) : compiler.unit(node.messageLoc.startOffset);
}

export const CALLS = [
  on(CallNode, (node, compiler) => {
    const refused = refusedCall(node);
    if (refused !== undefined) return compiler.refuse(node, refused);
    const { receiver } = node;
    const ofTemplate = receiver === null || receiver instanceof SelfNode;
    return ofTemplate ? macroCall(node, compiler) : methodCall(node, receiver, compiler);
  }),
];
