/** What to say about Ruby that templates may not use (Foreman's safe mode refuses the same). */

import type { Node } from './node.ts';

const WORDS: ReadonlyMap<string, string> = new Map([
  ['DefNode', 'def'],
  ['ClassNode', 'class'],
  ['ModuleNode', 'module'],
  ['SingletonClassNode', 'class <<'],
  ['AliasMethodNode', 'alias'],
  ['AliasGlobalVariableNode', 'alias'],
  ['UndefNode', 'undef'],
  ['PreExecutionNode', 'BEGIN'],
  ['PostExecutionNode', 'END'],
  ['RescueNode', 'rescue'],
  ['RescueModifierNode', 'rescue'],
  ['EnsureNode', 'ensure'],
  ['RedoNode', 'redo'],
  ['RetryNode', 'retry'],
  ['ReturnNode', 'return'],
  ['YieldNode', 'yield'],
  ['DefinedNode', 'defined?'],
  ['SelfNode', 'self by itself'],
  ['SuperNode', 'super'],
  ['ForwardingSuperNode', 'super'],
  ['LambdaNode', 'a lambda'],
  ['XStringNode', 'running a command'],
  ['InterpolatedXStringNode', 'running a command'],
  ['BackReferenceReadNode', 'a global variable of a match'],
  ['NumberedReferenceReadNode', 'a global variable of a match'],
  ['InterpolatedRegularExpressionNode', 'a regular expression with #{…}'],
  ['MatchWriteNode', '=~ (use match or match?)'],
  ['MatchLastLineNode', 'a bare regular expression as a condition'],
  ['InterpolatedMatchLastLineNode', 'a bare regular expression as a condition'],
  ['BlockArgumentNode', '&:name (write { |item| item.name })'],
  ['NumberedParametersNode', '_1 (name the parameter of the block)'],
  ['RequiredKeywordParameterNode', 'a keyword parameter of a block'],
  ['OptionalKeywordParameterNode', 'a keyword parameter of a block'],
  ['KeywordRestParameterNode', 'a keyword parameter of a block'],
  ['NoKeywordsParameterNode', 'a keyword parameter of a block'],
  ['BlockParameterNode', 'a block as parameter of a block'],
  ['CaseMatchNode', 'pattern matching'],
  ['MatchPredicateNode', 'pattern matching'],
  ['MatchRequiredNode', 'pattern matching'],
  ['ImaginaryNode', 'an imaginary number'],
  ['SourceFileNode', '__FILE__'],
]);

/** Families of nodes that differ in how they assign. */
const FAMILIES: readonly (readonly [RegExp, string])[] = [
  [/^GlobalVariable/, 'a global variable'],
  [/^ClassVariable/, 'a class variable'],
  [/^InstanceVariable/, 'assigning to an instance variable'],
  [/^Constant/, 'a constant of your own'],
  [/^Index/, 'assigning to an element'],
  [/^Call/, 'assigning to an attribute'],
];

export function refusal(node: Node): string {
  const name = node.constructor.name;
  const family = FAMILIES.find(([pattern]) => pattern.test(name))?.[1];
  return `${WORDS.get(name) ?? family ?? name.replace(/Node$/, '')} is not allowed in templates`;
}
