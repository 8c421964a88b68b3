/** `dhcp-option=[tag:…,]3|option:router,values…`. */

import { formatIpv4, parseIpv4 } from '../../net/ip.ts';
import type { DraftOption } from '../network/drafts.ts';
import { DNSMASQ_OPTIONS, OPTION_BY_CODE, type OptionType } from '../network/option-table.ts';
import type { Report } from '../report.ts';
import type { Setting } from './lines.ts';
import { secondsOf } from './range.ts';
import { tagged } from './tags.ts';

export type TaggedOption = {
  readonly wanted: readonly string[];
  readonly code: number;
  /** Undefined: with no value, an option that is sent by itself is not sent. */
  readonly option?: DraftOption;
};

/** Options in options: in spaces of their own. */
const ENCAPSULATED = /^(encap|vi-encap|vendor):/;

/** Undefined for what is reported instead. @param self address of the machine that dnsmasq runs on, if known */
export function optionOf(
  setting: Setting,
  self: string | undefined,
  report: Report,
): TaggedOption | undefined {
  const { place } = setting;
  const subject = `${setting.name} ${setting.text}`;
  const { wanted, rest } = tagged(setting.values, 'wanted');
  const inner = rest.find((field) => ENCAPSULATED.test(field));
  if (inner !== undefined) {
    if (/^(encap:175|vendor:(PXEClient|Etherboot))$/.test(inner))
      report.left(place, subject, 'is for PXE ROMs and iPXE, which Chainboot tells what they need');
    else report.human(place, subject, 'options inside of options are not taken');
    return undefined;
  }
  const [name = '', ...values] = rest;
  if (name.startsWith('option6:')) {
    report.left(place, subject, 'Chainboot gives no IPv6 addresses by DHCP');
    return undefined;
  }
  const number = /^\d{1,3}$/.test(name) ? Number(name) : undefined;
  const known =
    number === undefined ? DNSMASQ_OPTIONS.get(name.replace(/^option:/, '')) : OPTION_BY_CODE.get(number);
  const code = known?.code ?? number;
  if (code === undefined) {
    report.human(place, subject, `dnsmasq has no option ${name}`);
    return undefined;
  }
  if (values.length === 0) return { wanted, code };
  const typed =
    known === undefined ? guessed(values) : { type: known.type, words: wordsOf(known.type, values) };
  if (typed.words.includes(SELF) && self === undefined) {
    report.human(place, subject, '0.0.0.0 stands for the machine dnsmasq runs on; say its address instead');
    return undefined;
  }
  const words = typed.words.map((word) => (word === SELF && self !== undefined ? self : word));
  const called = known?.isc ?? String(code);
  return { wanted, code, option: { place, called, code, type: typed.type, words } };
}

const SELF = '0.0.0.0';

function wordsOf(type: OptionType, values: readonly string[]): readonly string[] {
  if (type === 'text') return [values.join(',')];
  if (type === 'routes') return routes(values);
  // A whole number may say how many bytes it has: `211,30i`.
  const plain = values.map((value) => value.replace(/^(\d+)[bsi]$/i, '$1'));
  return type === 'long' ? plain.map((value) => String(secondsOf(value) ?? value)) : plain;
}

/** Pairs of network and router. */
function routes(values: readonly string[]): readonly string[] {
  return values.flatMap((value, i) => (i % 2 === 0 ? `${networkOf(value)} via ${values[i + 1] ?? ''}` : []));
}

function networkOf(value: string): string {
  return parseIpv4(value) === undefined ? value : `${value}/32`;
}

type Typed = { readonly type: OptionType; readonly words: readonly string[] };

/** dnsmasq goes by what a value looks like where it does not know the option. */
function guessed(values: readonly string[]): Typed {
  const [only = ''] = values;
  if (values.every((value) => parseIpv4(value) !== undefined))
    return { type: 'addresses', words: values.map((value) => formatIpv4(parseIpv4(value)!)) };
  if (values.length === 1 && /^[0-9a-f]{1,2}(:[0-9a-f]{1,2})+$/i.test(only))
    return { type: 'hex', words: values };
  const [, digits, size = ''] = values.length === 1 ? (/^(\d{1,10})([bsi]?)$/i.exec(only) ?? []) : [];
  if (digits !== undefined) return { type: widthOf(Number(digits), size.toLowerCase()), words: [digits] };
  return { type: 'text', words: [values.join(',')] };
}

function widthOf(number: number, size: string): OptionType {
  if (size === 'i' || number > 0xffff) return 'long';
  return size === 's' || number > 0xff ? 'short' : 'byte';
}
