/** `option-data` of Kea: standard options, and those that `option-def` defines. */

import { flagAt, type MapNode, mapsAt, numberAt, textAt } from '../json.ts';
import type { DraftOption, DraftOptions } from '../network/drafts.ts';
import { KEA_OPTIONS, OPTION_BY_CODE, type OptionType } from '../network/option-table.ts';
import type { Report } from '../report.ts';

type Definition = { readonly code: number; readonly type: OptionType | undefined };
export type Definitions = ReadonlyMap<string, Definition>;

const TYPES: ReadonlyMap<string, readonly [one: OptionType, array?: OptionType]> = new Map(
  Object.entries({
    'ipv4-address': ['address', 'addresses'],
    string: ['text'],
    uint8: ['byte', 'bytes'],
    uint16: ['short', 'shorts'],
    uint32: ['long'],
    int32: ['seconds-east'],
    boolean: ['flag'],
    fqdn: ['domains', 'domains'],
    binary: ['hex'],
  }),
);
const SPACE = 'dhcp4';
/** Kea writes them in parts. */
const STRUCTURED = new Set([43, 82, 125]);

export function definitionsOf(dhcp: MapNode, report: Report): Definitions {
  const definitions = new Map<string, Definition>();
  for (const node of mapsAt(dhcp, 'option-def')) {
    const [name, code] = [textAt(node, 'name') ?? '', numberAt(node, 'code')];
    const subject = `option-def ${name}`;
    if ((textAt(node, 'space') ?? SPACE) !== SPACE || code === undefined) {
      report.left(node.place, subject, 'options in spaces of their own are not taken');
      continue;
    }
    const types = TYPES.get(textAt(node, 'type') ?? '');
    definitions.set(name, { code, type: flagAt(node, 'array') === true ? types?.[1] : types?.[0] });
    report.left(node.place, subject, `is the name of option ${code} in this file`);
  }
  return definitions;
}

export function optionsOf(node: MapNode, definitions: Definitions, report: Report): DraftOptions {
  const options = new Map<number, DraftOption>();
  for (const each of mapsAt(node, 'option-data')) {
    const option = optionOf(each, definitions, report);
    if (option !== undefined) options.set(option.code, option);
  }
  return options;
}

function optionOf(node: MapNode, definitions: Definitions, report: Report): DraftOption | undefined {
  const { place } = node;
  const [name, number, data] = [textAt(node, 'name'), numberAt(node, 'code'), textAt(node, 'data')];
  const called = name ?? String(number ?? '');
  const subject = `option ${called}`;
  const space = textAt(node, 'space') ?? SPACE;
  if (space !== SPACE) {
    report.human(place, subject, `is in the option space ${space}; options inside of options are not taken`);
    return undefined;
  }
  if (node.entries.has('client-classes')) {
    report.human(place, subject, 'is for some classes of clients only');
    return undefined;
  }
  const known =
    name === undefined
      ? (OPTION_BY_CODE.get(number ?? -1) ?? definedAs(number, definitions))
      : (definitions.get(name) ?? KEA_OPTIONS.get(name));
  const code = number ?? known?.code;
  if (code === undefined) {
    report.human(place, subject, 'is not a standard option');
    return undefined;
  }
  if (data === undefined || data === '') {
    report.left(place, subject, 'has no value');
    return undefined;
  }
  if (STRUCTURED.has(code) && flagAt(node, 'csv-format') !== false) {
    report.human(place, subject, 'options inside of options are not taken');
    return undefined;
  }
  const isHex = flagAt(node, 'csv-format') === false || known?.type === undefined;
  const type = isHex ? 'hex' : known.type!;
  return { place, called, code, type, words: isHex ? [unquoted(data)] : wordsOf(type, data) };
}

function definedAs(code: number | undefined, definitions: Definitions): Definition | undefined {
  return [...definitions.values()].find((each) => each.code === code);
}

/** Commas separate, unless a back-slash stands before them. */
function wordsOf(type: OptionType, data: string): readonly string[] {
  if (type === 'text') return [data.replace(/\\,/g, ',')];
  const words = data.split(/(?<!\\),/).map((word) => word.trim());
  // `10.0.0.0/8 - 192.0.2.1`
  return type === 'routes' ? words.map((word) => word.replace(/\s+-\s+/, ' via ')) : words;
}

/** Bytes may be given as text in quotes of their own: `'abc'`. */
function unquoted(data: string): string {
  const text = /^'(.*)'$/s.exec(data)?.[1];
  if (text === undefined) return data;
  return [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
