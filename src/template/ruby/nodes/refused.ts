/** What to say about Ruby that templates may not use (Foreman's safe mode refuses the same). */

import type { Node } from './node.ts';

const WORDS: ReadonlyMap<string, string> = new Map([
  ['DefNode', 'def'],
  ['ClassNode', 'class'],
  ['ModuleNode', 'module'],
  ['SingletonClassNode', 'class <<'],
  ['BeginNode', 'begin … rescue'],
  ['RescueModifierNode', 'rescue'],
  ['ReturnNode', 'return'],
  ['YieldNode', 'yield'],
  ['DefinedNode', 'defined?'],
  ['SelfNode', 'self'],
  ['SuperNode', 'super'],
  ['ForwardingSuperNode', 'super'],
  ['LambdaNode', 'a lambda'],
  ['XStringNode', 'running a command'],
  ['InterpolatedXStringNode', 'running a command'],
  ['GlobalVariableReadNode', 'a global variable'],
  ['GlobalVariableWriteNode', 'a global variable'],
  ['BackReferenceReadNode', 'a global variable of a match'],
  ['NumberedReferenceReadNode', 'a global variable of a match'],
  ['ClassVariableReadNode', 'a class variable'],
  ['InstanceVariableWriteNode', 'assigning to an instance variable'],
  ['InstanceVariableOrWriteNode', 'assigning to an instance variable'],
  ['InstanceVariableAndWriteNode', 'assigning to an instance variable'],
  ['InstanceVariableOperatorWriteNode', 'assigning to an instance variable'],
  ['InstanceVariableTargetNode', 'assigning to an instance variable'],
  ['IndexOrWriteNode', 'assigning to an element'],
  ['IndexAndWriteNode', 'assigning to an element'],
  ['IndexOperatorWriteNode', 'assigning to an element'],
  ['IndexTargetNode', 'assigning to an element'],
  ['CallOrWriteNode', 'assigning to an attribute'],
  ['CallAndWriteNode', 'assigning to an attribute'],
  ['CallOperatorWriteNode', 'assigning to an attribute'],
  ['ConstantWriteNode', 'a constant of your own'],
  ['InterpolatedRegularExpressionNode', 'a regular expression with #{…}'],
  ['MatchWriteNode', '=~ (use match or match?)'],
  ['MatchLastLineNode', 'a bare regular expression as a condition'],
  ['BlockArgumentNode', '&:name (write { |item| item.name })'],
  ['CaseMatchNode', 'pattern matching'],
  ['RationalNode', 'a rational number'],
  ['ImaginaryNode', 'an imaginary number'],
]);

export function refusal(node: Node): string {
  const name = node.constructor.name;
  return `${WORDS.get(name) ?? name.replace(/Node$/, '')} is not allowed in templates`;
}
