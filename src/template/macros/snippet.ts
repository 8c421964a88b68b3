/** Macros that put other templates in, and that end rendering. */

import { RubyError } from '../errors.ts';
import type { LogLevel, RenderContext } from '../render-context.ts';
import { keyword, wantHash, wantText } from '../ruby/arguments.ts';
import { isBlank } from '../ruby/core/kernel.ts';
import type { Runtime } from '../ruby/runtime.ts';
import { RHash, str, type Value } from '../ruby/values.ts';
import { macros } from './table.ts';

/**
 * `variables: { x: 1 }` is `@x` in the snippet, and so it is as an option, which wins; other options (an old
 * form) count as variables too.
 */
function variablesOf(args: readonly Value[], rt: Runtime): ReadonlyMap<string, Value> {
  const variables = new Map<string, Value>();
  for (const options of args.toReversed()) {
    if (!(options instanceof RHash)) continue;
    const given = keyword([options], 'variables');
    const hash = given === undefined || given === null ? options : wantHash(given);
    for (const [name, value] of hash.pairs()) variables.set(`@${rt.text(name)}`, value);
  }
  return variables;
}

function snippet(self: RenderContext, args: readonly Value[], rt: Runtime): Value {
  return str(self.snippet(wantText(args[0]), variablesOf(args.slice(1), rt)));
}

/** Foreman logs nothing when there is nothing to say. */
function log(level: LogLevel) {
  return (self: RenderContext, [message]: readonly Value[], rt: Runtime): Value => {
    if (!isBlank(message!)) self.log(level, rt.text(message!));
    return true;
  };
}

/** `raise 'text'` or `raise ArgumentError, 'text'`. */
function giveUp(_: RenderContext, args: readonly Value[], rt: Runtime): never {
  throw new RubyError(args.length === 0 ? 'the template gave up' : rt.text(args.at(-1)!));
}

export const SNIPPET_MACROS = macros({
  snippet: [
    '(name, options = {}, variables: {})',
    'The snippet rendered; each variable is `@name` in there, beside the standard ones.',
    snippet,
  ],
  snippets: ['(name, options = {}, variables: {})', 'The same as `snippet`.', snippet],
  snippet_if_exists: [
    '(name, options = {}, variables: {})',
    'The same, or nil when there is no such snippet.',
    (self, args, rt) => (self.hasTemplate(wantText(args[0])) ? snippet(self, args, rt) : null),
  ],
  template_name: ['', 'Name of the template or snippet this stands in.', (self) => str(self.name)],
  raise: ['(*message)', 'Ends rendering with the message.', giveUp],
  bootdisk_raise: ['(*message)', 'The same.', giveUp],
  log_debug: [
    '(message)',
    "A line in Chainboot's log, with the name and line of the template.",
    log('debug'),
  ],
  log_info: ['(message)', 'The same.', log('info')],
  log_warn: ['(message)', 'The same.', log('warn')],
  log_error: ['(message)', 'The same.', log('error')],
  log_fatal: ['(message)', 'The same; rendering goes on.', log('fatal')],
});
