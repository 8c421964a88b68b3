/** Option statements of dhcpd.conf: the standard ones, and those that the file defines itself. */

import { formatIpv4, parseIpv4 } from '../../net/ip.ts';
import type { DraftOption } from '../network/drafts.ts';
import { ISC_OPTIONS, type OptionType } from '../network/option-table.ts';
import type { Report } from '../report.ts';
import type { Token } from './lexer.ts';
import { type Statement, textOf } from './parser.ts';

/** IPv4 addresses of a name, as dhcpd finds them in DNS; none where there are none. */
export type Resolve = (name: string) => readonly string[];

type Definition = { readonly code: number; readonly type: OptionType | 'other' };

/** Names in the file; `option NAME code N = TYPE;` adds to them. */
export class OptionNames {
  /** dhcpd asks DNS for names where addresses are wanted. */
  readonly resolve: Resolve;
  private readonly own = new Map<string, Definition>();

  constructor(resolve: Resolve) {
    this.resolve = resolve;
  }

  /** True when the statement is a definition, which it then remembers. */
  define({ words, place }: Statement, report: Report): boolean {
    const [, name, code, number, equals, ...type] = words.map(({ text }) => text);
    if (code !== 'code' || equals !== '=' || name === undefined) return false;
    const definition = { code: Number(number), type: typeOf(type) };
    this.own.set(name, definition);
    const subject = `option ${name}`;
    if (name.includes('.')) report.left(place, subject, 'belongs to an option space of its own');
    else report.left(place, subject, `is the name of option ${number} in this file`);
    return true;
  }

  get(name: string): Definition | undefined {
    return ISC_OPTIONS.get(name) ?? this.own.get(name) ?? numbered(name);
  }
}

/** `option unknown-244 …` needs no definition. */
function numbered(name: string): Definition | undefined {
  const code = /^unknown-(\d{1,3})$/.exec(name)?.[1];
  return code === undefined ? undefined : { code: Number(code), type: 'other' };
}

function typeOf(words: readonly string[]): OptionType | 'other' {
  const type = words.filter((word) => word !== 'unsigned').join(' ');
  if (type.startsWith('signed integer 32')) return 'seconds-east';
  return TYPES.get(type) ?? 'other';
}

const TYPES: ReadonlyMap<string, OptionType> = new Map(
  Object.entries({
    'ip-address': 'address',
    'array of ip-address': 'addresses',
    text: 'text',
    string: 'text',
    boolean: 'flag',
    'integer 8': 'byte',
    'integer 16': 'short',
    'integer 32': 'long',
    'array of integer 8': 'bytes',
    'array of integer 16': 'shorts',
    'domain-list': 'domains',
  }),
);

/**
 * The option that `option NAME values;` sets, or `supersede NAME = value;`; undefined for those that are
 * reported instead.
 */
export function optionOf(statement: Statement, names: OptionNames, report: Report): DraftOption | undefined {
  const { place } = statement;
  const [name, ...rest] = statement.words.slice(1);
  const called = name?.text ?? '';
  const subject = `option ${called}`;
  if (called === 'space') {
    report.left(place, `option space ${rest[0]?.text ?? ''}`, 'options in spaces of their own are not taken');
    return undefined;
  }
  const definition = names.get(called);
  if (definition === undefined || called.includes('.') !== isPxelinux(called)) {
    const why = called.includes('.') ? 'is in an option space of its own' : 'is not a standard option';
    report.human(place, subject, `${why}; give its number and its bytes in dhcp_options if it is needed`);
    return undefined;
  }
  const values = rest[0]?.text === '=' && rest[0].kind === 'mark' ? rest.slice(1) : rest;
  const read = valuesOf(definition.type, values);
  if (read === undefined) {
    report.human(place, subject, `its value is worked out for each client: ${textOf(values)}`);
    return undefined;
  }
  const words = read.type.startsWith('address') ? addresses(read.words, names.resolve) : read.words;
  const nameless = words.indexOf('');
  if (nameless < 0) return { place, called, code: definition.code, type: read.type, words };
  report.refused(place, subject, `the name ${read.words[nameless]} has no address in DNS`);
  return undefined;
}

function isPxelinux(name: string): boolean {
  return ISC_OPTIONS.has(name) && name.startsWith('pxelinux.');
}

type Values = Pick<DraftOption, 'type' | 'words'>;

/** Undefined for expressions. */
function valuesOf(type: OptionType | 'other', tokens: readonly Token[]): Values | undefined {
  const parts = tokens.filter(({ kind, text }) => !(kind === 'mark' && text === ','));
  if (parts.length === 0 || parts.some(({ kind }) => kind === 'mark')) return undefined;
  const words = parts.map(({ text }) => text);
  if (type === 'other') {
    if (parts.length > 1) return undefined;
    return parts[0]!.kind === 'text' ? { type: 'text', words } : { type: 'hex', words };
  }
  // `option domain-search` and the like take strings; bytes are written 01:02:ff there as well.
  if (type === 'text' && parts[0]!.kind === 'word') return { type: isHex(words[0]!) ? 'hex' : 'text', words };
  if (type === 'hex' && parts[0]!.kind === 'text') return { type: 'text', words };
  if (type === 'address' || type === 'addresses') return { type, words: words.map(dotted) };
  return { type, words };
}

/** A name without an address becomes an empty word. */
function addresses(words: readonly string[], resolve: Resolve): readonly string[] {
  const known = words.map((word) => (isName(word) ? resolve(word) : [word]));
  return known.some(({ length }) => length === 0) ? known.map(([first = '']) => first) : known.flat();
}

function isName(word: string): boolean {
  return /[a-z]/i.test(word) && /^[a-z0-9._-]+$/i.test(word);
}

function isHex(word: string): boolean {
  return /^[0-9a-f]{1,2}(:[0-9a-f]{1,2})+$/i.test(word);
}

/** OMAPI writes addresses as bytes: `c0:00:02:01`. */
export function dotted(word: string): string {
  if (!/^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){3}$/i.test(word)) return word;
  const ip = word.split(':').reduce((value, byte) => value * 256 + Number.parseInt(byte, 16), 0);
  return parseIpv4(word) === undefined ? formatIpv4(ip) : word;
}
