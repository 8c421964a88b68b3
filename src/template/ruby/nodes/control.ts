/** Sequences, branches, loops, next and break. */

import {
  AndNode,
  type ArgumentsNode,
  BeginNode,
  BreakNode,
  CaseNode,
  ElseNode,
  FlipFlopNode,
  ForNode,
  IfNode,
  NextNode,
  OrNode,
  SplatNode,
  StatementsNode,
  UnlessNode,
  UntilNode,
  type WhenNode,
  WhileNode,
} from '@ruby/prism/src/nodes.js';
import type { Compiler, Frame, Run } from '../compile.ts';
import { items } from '../core/enumerable.ts';
import { truthy, type Value } from '../values.ts';
import { list, spreadOut } from './literals.ts';
import { type Node, on } from './node.ts';
import { refusal } from './refused.ts';
import { target } from './variables.ts';

/** `next` and `break` on their way to the loop or block they leave; the frame tells blocks apart. */
export class Jump {
  readonly kind: 'next' | 'break';
  readonly value: Value;
  /** The frame of the block, or undefined for a loop. */
  readonly frame: Frame | undefined;
  constructor(kind: 'next' | 'break', value: Value, frame: Frame | undefined) {
    this.kind = kind;
    this.value = value;
    this.frame = frame;
  }
}

function jump(node: NextNode | BreakNode, kind: Jump['kind'], compiler: Compiler): Run {
  const target = compiler.targets.at(-1);
  if (target === undefined) return compiler.refuse(node, `${kind} outside of a block or loop`);
  target.jumps = true;
  const inBlock = target.kind === 'block';
  const value = jumpValue(node.arguments_, compiler);
  return (frame) => {
    throw new Jump(kind, value(frame), inBlock ? frame : undefined);
  };
}

function jumpValue(node: ArgumentsNode | null, compiler: Compiler): Run {
  if (node === null) return () => null;
  const values = list(node.arguments_, compiler);
  return (frame) => {
    const found = values(frame);
    return found.length === 1 ? found[0]! : found;
  };
}

function sequence(nodes: readonly Node[], compiler: Compiler): Run {
  const runs = nodes.map((node) => compiler.compile(node));
  if (runs.length === 1) return runs[0]!;
  return (frame) => {
    let value: Value = null;
    for (let i = 0; i < runs.length; i++) value = runs[i]!(frame);
    return value;
  };
}

function branch(test: Run, yes: Run, no: Run): Run {
  return (frame) => (truthy(test(frame)) ? yes(frame) : no(frame));
}

/** Rounds of a loop, with what `next` and `break` in the body do. */
function looping(
  loop: WhileNode | UntilNode | ForNode,
  compiler: Compiler,
): (frame: Frame) => { readonly left: boolean; readonly value: Value } {
  const at = compiler.at(loop);
  const { result: body, jumps } = compiler.inTarget('loop', () => compiler.compileOptional(loop.statements));
  const on = { left: false, value: null };
  return (frame) => {
    frame.rt.at = at;
    frame.rt.budget.step();
    if (!jumps) {
      body(frame);
      return on;
    }
    try {
      body(frame);
    } catch (error) {
      if (!(error instanceof Jump) || error.frame !== undefined) throw error;
      if (error.kind === 'break') return { left: true, value: error.value };
    }
    return on;
  };
}

function whileLoop(node: WhileNode | UntilNode, compiler: Compiler, goesOn: boolean): Run {
  const test = compiler.compile(node.predicate);
  const round = looping(node, compiler);
  const bodyFirst = node.isBeginModifier();
  return (frame) => {
    for (let first = bodyFirst; first || truthy(test(frame)) === goesOn; first = false) {
      const { left, value } = round(frame);
      if (left) return value;
    }
    return null;
  };
}

/** The conditions of one `when`: tests against a subject, or plain truth without one. */
function whenTest(node: WhenNode, compiler: Compiler, hasSubject: boolean) {
  const conditions = node.conditions.map((condition) => ({
    spread: condition instanceof SplatNode,
    run:
      condition instanceof SplatNode
        ? compiler.compileOptional(condition.expression)
        : compiler.compile(condition),
    at: compiler.at(condition),
  }));
  return (frame: Frame, subject: Value): boolean =>
    conditions.some(({ spread, run, at }) => {
      const value = run(frame);
      frame.rt.at = at;
      const patterns = spread ? spreadOut(value, frame) : [value];
      return patterns.some((pattern) =>
        truthy(hasSubject ? frame.rt.send(pattern, '===', [subject]) : pattern),
      );
    });
}

function caseNode(node: CaseNode, compiler: Compiler): Run {
  const subject = compiler.compileOptional(node.predicate);
  const branches = node.conditions.map((when) => {
    const clause = when as WhenNode;
    return {
      holds: whenTest(clause, compiler, node.predicate !== null),
      run: compiler.compileOptional(clause.statements),
    };
  });
  const otherwise = compiler.compileOptional(node.elseClause);
  return (frame) => {
    const value = subject(frame);
    for (const { holds, run } of branches) if (holds(frame, value)) return run(frame);
    return otherwise(frame);
  };
}

/** Plain `begin … end` is only a parenthesis; what catches errors is no part of the language. */
function beginNode(node: BeginNode, compiler: Compiler): Run {
  const odd = node.rescueClause ?? node.elseClause ?? node.ensureClause;
  return odd === null ? compiler.compileOptional(node.statements) : compiler.refuse(odd, refusal(odd));
}

/** `if first..last` as a condition is on from when the one holds to when the other does. */
function flipFlop(node: FlipFlopNode, compiler: Compiler): Run {
  const [first, last] = [compiler.compileOptional(node.left), compiler.compileOptional(node.right)];
  const endsAtOnce = !node.isExcludeEnd();
  const switched = compiler.flipFlop();
  return (frame) => {
    const { flipFlops } = frame.rt;
    const wasOn = flipFlops.has(switched);
    if (!wasOn && !truthy(first(frame))) return false;
    if ((wasOn || endsAtOnce) && truthy(last(frame))) flipFlops.delete(switched);
    else flipFlops.add(switched);
    return true;
  };
}

export const CONTROL = [
  on(BeginNode, beginNode),
  on(FlipFlopNode, flipFlop),
  on(StatementsNode, (node, compiler) => sequence(node.body, compiler)),
  on(IfNode, (node, compiler) =>
    branch(
      compiler.compile(node.predicate),
      compiler.compileOptional(node.statements),
      compiler.compileOptional(node.subsequent),
    ),
  ),
  on(UnlessNode, (node, compiler) =>
    branch(
      compiler.compile(node.predicate),
      compiler.compileOptional(node.elseClause),
      compiler.compileOptional(node.statements),
    ),
  ),
  on(ElseNode, (node, compiler) => compiler.compileOptional(node.statements)),
  on(AndNode, (node, compiler) => {
    const [left, right] = [compiler.compile(node.left), compiler.compile(node.right)];
    return (frame) => {
      const value = left(frame);
      return truthy(value) ? right(frame) : value;
    };
  }),
  on(OrNode, (node, compiler) => {
    const [left, right] = [compiler.compile(node.left), compiler.compile(node.right)];
    return (frame) => {
      const value = left(frame);
      return truthy(value) ? value : right(frame);
    };
  }),
  on(CaseNode, caseNode),
  on(WhileNode, (node, compiler) => whileLoop(node, compiler, true)),
  on(UntilNode, (node, compiler) => whileLoop(node, compiler, false)),
  on(ForNode, (node, compiler) => {
    const collection = compiler.compile(node.collection);
    const assign = target(node.index, compiler);
    const round = looping(node, compiler);
    return (frame) => {
      const whole = collection(frame);
      for (const item of items(whole, frame.rt)) {
        assign(frame, item);
        const { left, value } = round(frame);
        if (left) return value;
      }
      return whole;
    };
  }),
  on(NextNode, (node, compiler) => jump(node, 'next', compiler)),
  on(BreakNode, (node, compiler) => jump(node, 'break', compiler)),
];
