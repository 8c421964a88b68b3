/** Arguments of methods in the type they must have; RubyError otherwise. */

import { RubyError } from '../errors.ts';
import type { Block } from './runtime.ts';
import { describe, isInteger, RFloat, RHash, RString, RSymbol, type Value } from './values.ts';

function refuse(wanted: string, value: Value | undefined): never {
  throw new RubyError(`${wanted} is needed, not ${describe(value ?? null)}`);
}

export function wantText(value: Value | undefined): string {
  return value instanceof RString ? value.text : refuse('a String', value);
}

/** A String or a Symbol, for names. */
export function wantName(value: Value | undefined): string {
  return value instanceof RSymbol ? value.name : wantText(value);
}

/** An Integer of ordinary size, for positions, widths and counts; a Float is cut off. */
export function wantCount(value: Value | undefined): number {
  if (typeof value === 'number') return value;
  if (value instanceof RFloat) return Math.trunc(value.value);
  return refuse('an Integer of ordinary size', value);
}

export function wantArray(value: Value | undefined): Value[] {
  return Array.isArray(value) ? value : refuse('an Array', value);
}

export function wantHash(value: Value | undefined): RHash {
  return value instanceof RHash ? value : refuse('a Hash', value);
}

export function wantBlock(block: Block | undefined): Block {
  if (block === undefined) throw new RubyError('no block given');
  return block;
}

export function wantUnfrozen(value: Value): void {
  const frozen = Array.isArray(value)
    ? Object.isFrozen(value)
    : (value instanceof RString || value instanceof RHash) && value.frozen;
  if (frozen) throw new RubyError(`can't modify frozen ${describe(value).replace('an instance of ', '')}`);
}

/** The numeric value of an Integer or Float, or undefined. */
export function numeric(value: Value | undefined): number | undefined {
  if (value instanceof RFloat) return value.value;
  return value !== undefined && value !== null && isInteger(value) ? Number(value) : undefined;
}

/** Keyword arguments arrive as a last hash with symbol keys. */
export function keyword(args: readonly Value[], name: string): Value | undefined {
  const last = args.at(-1);
  if (!(last instanceof RHash)) return undefined;
  for (const [key, value] of last.pairs()) if (key instanceof RSymbol && key.name === name) return value;
  return undefined;
}
