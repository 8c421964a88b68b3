/** Macros that shape text and read or write other notations. */

import { RubyError } from '../errors.ts';
import { keyword, wantBlock, wantCount, wantText } from '../ruby/arguments.ts';
import { format } from '../ruby/format.ts';
import type { Block, Runtime } from '../ruby/runtime.ts';
import { str, truthy, type Value } from '../ruby/values.ts';
import { prettyJson } from './json.ts';
import { jsonValue, yamlValue } from './parse.ts';
import { macros } from './table.ts';
import { versionOrder } from './version.ts';
import { yamlOf } from './yaml.ts';

/** Every line moved right; `skip1: true` leaves the first, `skip_content: 'EOF'` what lies between such lines. */
function indent(args: readonly Value[], rt: Runtime, block: Block | undefined): Value {
  const blanks = wantCount(args[0]);
  if (blanks < 0) throw new RubyError('negative argument');
  rt.budget.characters(blanks);
  const prefix = ' '.repeat(blanks);
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
  return str(text === '' ? '' : lines.join(''));
}

const XML_NAMES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** XML has no form of control characters; they are left out. */
function xmlEscaped(text: string): string {
  return text
    .replace(/[&<>"]/g, (sign) => XML_NAMES[sign]!)
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '');
}

export const TEXT_MACROS = macros({
  indent: [
    '(count, skip1: false, skip_content: nil, &block)',
    "The lines of what the block answers, moved right. `skip1: true` leaves the first line alone, `skip_content: 'EOF'` what lies between lines with that word.",
    (_, args, rt, block) => (block === undefined ? null : indent(args, rt, block)),
  ],
  join_with_line_break: [
    '(list)',
    'One item a line.',
    (_, [list], rt) => rt.send(list!, 'join', [str('\n')]),
  ],
  format: [
    '(template, *values)',
    '`format("%03d", 7)`',
    (_, [template, ...args], rt) => str(format(wantText(template), args, rt)),
  ],
  sprintf: [
    '(template, *values)',
    'The same as `format`.',
    (_, [template, ...args], rt) => str(format(wantText(template), args, rt)),
  ],
  to_json: ['(value)', 'JSON over several lines.', (_, [value], rt) => str(prettyJson(value!, rt))],
  to_yaml: ['(value)', 'A YAML document, as Ruby writes it.', (_, [value], rt) => str(yamlOf(value!, rt))],
  parse_json: [
    '(text)',
    'Hashes, lists and values of a JSON text.',
    (_, [text]) => jsonValue(wantText(text)),
  ],
  parse_yaml: [
    '(text)',
    'The same of a YAML text; without aliases, dates and symbols, as in Foreman.',
    (_, [text]) => yamlValue(wantText(text)),
  ],
  gem_version_compare: [
    '(first, second)',
    '-1, 0 or 1: `1.9` is less than `1.10`, and `2.0.rc1` less than `2.0`.',
    (_, [first, second], rt) => versionOrder(rt.text(first!), rt.text(second!)),
  ],
  xml_escape: [
    '(text)',
    'Only in Chainboot: the text for an XML element or attribute.',
    (_, [text], rt) => str(xmlEscaped(rt.text(text!))),
  ],
  N_: ['(text)', 'The text: nothing is translated.', (_, [text]) => text!],
  _: ['(text)', 'The text: nothing is translated.', (_, [text]) => text!],
});
