/** How the compilers of single nodes are registered. */

import type { Compiler, Run } from '../compile.ts';

export type Node = { readonly location: { readonly startOffset: number; readonly length: number } };

export type NodeCompiler<N> = (node: N, compiler: Compiler) => Run;
type NodeClass<N> = abstract new (...args: never[]) => N;
type NodeEntry = readonly [type: unknown, compile: NodeCompiler<never>];
export type NodeTable = ReadonlyMap<unknown, NodeCompiler<never>>;

export function on<N>(type: NodeClass<N>, compile: NodeCompiler<N>): NodeEntry {
  return [type, compile];
}
