/** Macros that shape text and read other notations. */

import { parse as parseYaml, stringify as stringifyYaml } from 'yaml';
import type { Json } from '../../inventory/types.ts';
import { fromJson, toJson } from '../convert.ts';
import { RubyError } from '../errors.ts';
import type { RenderContext } from '../render-context.ts';
import { keyword, wantBlock, wantCount, wantText } from '../ruby/arguments.ts';
import { ANY, methods } from '../ruby/core/table.ts';
import { format } from '../ruby/format.ts';
import type { Block, Runtime } from '../ruby/runtime.ts';
import { str, truthy, type Value } from '../ruby/values.ts';

/** Every line moved right; `skip1: true` leaves the first, `skip_content: 'EOF'` what lies between such lines. */
function indent(args: readonly Value[], rt: Runtime, block: Block | undefined): Value {
  const blanks = wantCount(args[0]);
  rt.budget.characters(Math.max(0, blanks));
  const prefix = ' '.repeat(Math.max(0, blanks));
  const fence = keyword(args, 'skip_content');
  const marker = fence === undefined || fence === null ? undefined : wantText(fence);
  let verbatim = false;
  const text = rt.text(wantBlock(block)());
  const lines = text.split(/(?<=\n)/).map((line, i) => {
    if (marker !== undefined && line.includes(marker)) {
      verbatim = !verbatim;
      return verbatim ? prefix + line : line;
    }
    return verbatim || (i === 0 && truthy(keyword(args, 'skip1') ?? null)) ? line : prefix + line;
  });
  rt.budget.characters(prefix.length * lines.length);
  return str(lines.join(''));
}

function parsed(text: string, notation: string, parse: (text: string) => Json): Value {
  try {
    return fromJson(parse(text));
  } catch (error) {
    throw new RubyError(
      `not valid ${notation}: ${error instanceof Error ? error.message.split('\n')[0] : error}`,
    );
  }
}

export const TEXT_MACROS = methods<RenderContext>({
  indent: [1, 2, (_, args, rt, block) => indent(args, rt, block)],
  join_with_line_break: [1, (_, [items], rt) => rt.send(items!, 'join', [str('\n')])],
  format: [1, ANY, (_, [template, ...args], rt) => str(format(wantText(template), args, rt))],
  sprintf: [1, ANY, (_, [template, ...args], rt) => str(format(wantText(template), args, rt))],
  to_json: [1, (_, [value]) => str(JSON.stringify(toJson(value!)))],
  to_yaml: [1, (_, [value]) => str(`---\n${stringifyYaml(toJson(value!))}`)],
  parse_json: [1, (_, [text]) => parsed(wantText(text), 'JSON', (json) => JSON.parse(json))],
  // Aliases can make a small text expand without end.
  parse_yaml: [
    1,
    (_, [text]) => parsed(wantText(text), 'YAML', (yaml) => parseYaml(yaml, { maxAliasCount: 0 })),
  ],
});
