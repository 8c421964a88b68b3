/** Macros that put other templates in. */

import { RubyError } from '../errors.ts';
import type { RenderContext } from '../render-context.ts';
import { keyword, wantHash, wantText } from '../ruby/arguments.ts';
import { ANY, methods } from '../ruby/core/table.ts';
import type { Runtime } from '../ruby/runtime.ts';
import { RHash, str, type Value } from '../ruby/values.ts';

/** `variables: { x: 1 }` is `@x` in the snippet; other options (an old form) count as variables too. */
function variablesOf(args: readonly Value[], rt: Runtime): ReadonlyMap<string, Value> {
  const options = args.at(-1);
  if (!(options instanceof RHash)) return new Map();
  const given = keyword(args, 'variables');
  const variables = given === undefined || given === null ? options : wantHash(given);
  return new Map(variables.pairs().map(([name, value]) => [`@${rt.text(name)}`, value]));
}

function snippet(self: RenderContext, args: readonly Value[], rt: Runtime): Value {
  return str(self.snippet(wantText(args[0]), variablesOf(args.slice(1), rt)));
}

export const SNIPPET_MACROS = methods<RenderContext>({
  snippet: [1, 2, snippet],
  snippets: [1, 2, snippet],
  snippet_if_exists: [
    1,
    2,
    (self, args, rt) => (self.hasTemplate(wantText(args[0])) ? snippet(self, args, rt) : null),
  ],
  template_name: [0, (self) => str(self.name)],
  raise: [
    0,
    ANY,
    (_, args, rt) => {
      throw new RubyError(args.length === 0 ? 'the template gave up' : rt.text(args.at(-1)!));
    },
  ],
});
