/** JSON as Ruby's `JSON.pretty_generate` prints it: empty lists and hashes take two lines. */

import { RubyError } from '../errors.ts';
import { floatText } from '../ruby/float.ts';
import type { Runtime } from '../ruby/runtime.ts';
import { RFloat, RHash, RString, RSymbol, type Value } from '../ruby/values.ts';

/** As in Ruby. */
const MAX_DEPTH = 100;

export function prettyJson(value: Value, rt: Runtime, depth = 0): string {
  rt.budget.step();
  rt.budget.characters(2 * depth);
  if (depth > MAX_DEPTH) throw new RubyError(`nesting of ${depth} is too deep`);
  if (Array.isArray(value)) {
    const lines = value.map((item) => pad(depth + 1) + prettyJson(item, rt, depth + 1));
    return `[\n${lines.join(',\n')}\n${pad(depth)}]`;
  }
  if (value instanceof RHash) {
    const lines = value.pairs().map(([key, item]) => {
      return `${pad(depth + 1)}${JSON.stringify(rt.text(key))}: ${prettyJson(item, rt, depth + 1)}`;
    });
    return lines.length === 0 ? `{\n${pad(depth)}}` : `{\n${lines.join(',\n')}\n${pad(depth)}}`;
  }
  return scalar(value, rt);
}

function pad(depth: number): string {
  return '  '.repeat(depth);
}

function scalar(value: Value, rt: Runtime): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'bigint')
    return String(value);
  if (value instanceof RString) return JSON.stringify(value.text);
  if (value instanceof RSymbol) return JSON.stringify(value.name);
  if (!(value instanceof RFloat)) return JSON.stringify(rt.text(value));
  if (!Number.isFinite(value.value)) throw new RubyError(`${floatText(value.value)} not allowed in JSON`);
  return floatText(value.value);
}
