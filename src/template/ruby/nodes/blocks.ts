/** Blocks with their parameters. */

import {
  type BlockNode,
  BlockParametersNode,
  type OptionalParameterNode,
  type ParametersNode,
  RestParameterNode,
} from '@ruby/prism/src/nodes.js';
import type { Compiler, Frame } from '../compile.ts';
import type { Block } from '../runtime.ts';
import type { Value } from '../values.ts';
import { Jump } from './control.ts';
import type { Node } from './node.ts';
import { refusal } from './refused.ts';
import { type Assign, target } from './variables.ts';

type Parameters = {
  readonly bind: (frame: Frame, values: readonly Value[]) => void;
  /** One array given to a block of several parameters is spread over them. */
  readonly spreads: boolean;
};

const NO_PARAMETERS: Parameters = { bind: () => {}, spreads: false };

export function compileBlock(node: BlockNode, compiler: Compiler): (frame: Frame) => Block {
  return compiler.inScope(node.locals, () => {
    const { bind, spreads } = parametersOf(node, compiler);
    const { result: body, jumps } = compiler.inTarget('block', () => compiler.compileOptional(node.body));
    const size = node.locals.length;
    return (up) =>
      (...args) => {
        const frame: Frame = { rt: up.rt, vars: new Array<Value>(size).fill(null), up };
        const [first] = args;
        bind(frame, spreads && args.length === 1 && Array.isArray(first) ? first : args);
        if (!jumps) return body(frame);
        try {
          return body(frame);
        } catch (error) {
          if (error instanceof Jump && error.kind === 'next' && error.frame === frame) return error.value;
          throw error;
        }
      };
  });
}

function parametersOf(node: BlockNode, compiler: Compiler): Parameters {
  if (node.parameters === null) return NO_PARAMETERS;
  if (!(node.parameters instanceof BlockParametersNode)) return refuse(node.parameters, compiler);
  return node.parameters.parameters === null
    ? NO_PARAMETERS
    : parameters(node.parameters.parameters, compiler);
}

function refuse(node: Node, compiler: Compiler): Parameters {
  compiler.refuse(node, refusal(node));
  return NO_PARAMETERS;
}

function parameters(node: ParametersNode, compiler: Compiler): Parameters {
  const odd = node.keywords[0] ?? node.keywordRest ?? node.block;
  if (odd !== undefined && odd !== null) return refuse(odd, compiler);
  const required = node.requireds.map((each) => target(each, compiler));
  const optional = node.optionals.map((each) => optionalParameter(each as OptionalParameterNode, compiler));
  const posts = node.posts.map((each) => target(each, compiler));
  const rest = restParameter(node.rest, compiler);
  const named = required.length + optional.length + posts.length;
  return {
    spreads: named > 1 || (named === 1 && node.rest !== null),
    bind: (frame, values) => {
      required.forEach((assign, i) => {
        assign(frame, values[i] ?? null);
      });
      const spare = Math.max(0, values.length - required.length - posts.length);
      optional.forEach((assign, i) => {
        assign(frame, i < spare ? values[required.length + i]! : undefined);
      });
      const restStart = required.length + Math.min(optional.length, spare);
      const restEnd = node.rest === null ? restStart : Math.max(restStart, values.length - posts.length);
      rest?.(frame, values.slice(restStart, restEnd));
      posts.forEach((assign, i) => {
        assign(frame, values[restEnd + i] ?? null);
      });
    },
  };
}

/** Without a value, the default is worked out, and sees the parameters before it. */
function optionalParameter(node: OptionalParameterNode, compiler: Compiler) {
  const slot = compiler.slot(node.name, 0);
  const fallback = compiler.compile(node.value);
  return (frame: Frame, value: Value | undefined): void => {
    frame.vars[slot] = value === undefined ? fallback(frame) : value;
  };
}

function restParameter(node: Node | null, compiler: Compiler): Assign | undefined {
  if (!(node instanceof RestParameterNode) || node.name === null) return undefined;
  const slot = compiler.slot(node.name, 0);
  return (frame, value) => {
    frame.vars[slot] = value;
  };
}
