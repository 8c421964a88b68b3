/** Options of DHCP in words: what they are called, and what their bytes say. */

import { ipxeFeatures } from '../dhcp/ipxe.ts';
import { archCodes, messageName, ndi, subOptions, textOf, userClasses, uuid } from '../dhcp/options.ts';
import type { DhcpPacket } from '../dhcp/packet.ts';
import { decodePxeOptions } from '../dhcp/pxe.ts';
import { OPTION_BY_CODE, type OptionType } from '../moving/network/option-table.ts';
import { archOf } from '../net/arch.ts';
import { DecodeError, Reader, toHex } from '../net/bytes.ts';
import { formatIpv4 } from '../net/ip.ts';
import { formatMac } from '../net/mac.ts';

export type OptionWords = {
  readonly code: number;
  /** ISC dhcpd's name, which site files use too; `option-224` where there is none. */
  readonly name: string;
  readonly value: OptionValue;
  /** In hex, as sent. */
  readonly raw: string;
};

type Scalar = string | number | boolean;
export type OptionValue = Scalar | readonly Scalar[] | { readonly [name: string]: OptionValue };

/** Those that only booting machines and those who answer them send; names as in ISC dhcpd, where it has one. */
const NAMES: Readonly<Record<number, string>> = {
  77: 'user-class',
  81: 'fqdn',
  82: 'relay-agent-information',
  93: 'pxe-system-type',
  94: 'pxe-interface-id',
  97: 'pxe-client-id',
  121: 'classless-static-routes',
  124: 'vivco',
  128: 'pxe-128',
  129: 'pxe-129',
  130: 'pxe-130',
  131: 'pxe-131',
  132: 'pxe-132',
  133: 'pxe-133',
  134: 'pxe-134',
  135: 'pxe-135',
  175: 'ipxe-encapsulated',
  203: 'ipxe-syslogs',
};

/** What the protocol room reads, in its words. */
const OF_PACKET: Readonly<Record<number, (packet: DhcpPacket, value: Uint8Array) => OptionValue>> = {
  43: (packet, value) => vendorWords(packet, value),
  53: (packet) => messageName(packet),
  55: (_, value) => [...value],
  61: (_, value) => clientIdWords(value),
  77: (packet) => list(userClasses(packet)),
  82: (_, value) => relayWords(value),
  93: (packet) => list(archCodes(packet).map((code) => `${code} (${archOf(code).name})`)),
  94: (packet) => ndiWords(ndi(packet) ?? ''),
  97: (packet, value) => uuid(packet) ?? toHex(value),
  175: (packet, value) => ipxeWords(packet, value),
};

/** All options in the order of the packet. */
export function optionWords(packet: DhcpPacket): readonly OptionWords[] {
  return [...packet.options].map(([code, value]) => ({
    code,
    name: optionName(code),
    value: optionValue(packet, code, value),
    raw: toHex(value),
  }));
}

export function optionName(code: number): string {
  const known = OPTION_BY_CODE.get(code);
  return NAMES[code] ?? known?.isc ?? known?.kea ?? `option-${code}`;
}

/** As one line of text. */
export function valueText(value: OptionValue): string {
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value !== 'object') return String(value);
  return Object.entries(value as Readonly<Record<string, OptionValue>>)
    .map(([name, inner]) => `${name} ${valueText(inner)}`)
    .join('; ');
}

function optionValue(packet: DhcpPacket, code: number, value: Uint8Array): OptionValue {
  try {
    const special = OF_PACKET[code];
    return special === undefined
      ? typed(OPTION_BY_CODE.get(code)?.type ?? 'hex', value)
      : special(packet, value);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return toHex(value);
  }
}

/** Bytes that do not fit the type are shown as they are. */
function typed(type: OptionType, value: Uint8Array): OptionValue {
  const words = TYPES[type](new Reader(value), value);
  return words ?? (isText(value) && type === 'hex' ? textOf(value) : toHex(value));
}

type Read = (reader: Reader, value: Uint8Array) => OptionValue | undefined;

const TYPES: Readonly<Record<OptionType, Read>> = {
  address: (reader, { length }) => (length === 4 ? formatIpv4(reader.u32()) : undefined),
  addresses: (reader, { length }) =>
    length % 4 === 0 ? list(each(reader, () => formatIpv4(reader.u32()))) : undefined,
  text: (_, value) => (isText(value) ? textOf(value) : undefined),
  byte: (reader, { length }) => (length === 1 ? reader.u8() : undefined),
  bytes: (_, value) => [...value],
  short: (reader, { length }) => (length === 2 ? reader.u16() : undefined),
  shorts: (reader, { length }) => (length % 2 === 0 ? list(each(reader, () => reader.u16())) : undefined),
  long: (reader, { length }) => (length === 4 ? reader.u32() : undefined),
  'seconds-east': (reader, { length }) => (length === 4 ? reader.u32() | 0 : undefined),
  flag: (reader, { length }) => (length === 1 ? reader.u8() !== 0 : undefined),
  domains: (_, value) => domains(value),
  routes: (reader) => routes(reader),
  hex: () => undefined,
};

function each<T>(reader: Reader, read: () => T): T[] {
  const all: T[] = [];
  while (reader.remaining > 0) all.push(read());
  return all;
}

/** One value alone is no list. */
function list(values: readonly Scalar[]): OptionValue {
  return values.length === 1 ? values[0]! : values;
}

function isText(value: Uint8Array): boolean {
  const text = textOf(value);
  return text.length > 0 && /^[\x20-\x7e]*$/.test(text);
}

/** RFC 3397, names with the compression of DNS (RFC 1035 §4.1.4). */
function domains(value: Uint8Array): OptionValue | undefined {
  const names: string[] = [];
  for (let at = 0; at < value.length; ) {
    const name = domain(value, at);
    if (name === undefined) return undefined;
    names.push(name.labels.join('.'));
    at = name.next;
  }
  return list(names);
}

/** A pointer leads to the front only, so that none goes round. */
function domain(
  value: Uint8Array,
  from: number,
): { readonly labels: string[]; readonly next: number } | undefined {
  const labels: string[] = [];
  for (let at = from; at < value.length; ) {
    const length = value[at]!;
    if (length === 0) return { labels, next: at + 1 };
    if (length >= 0xc0) {
      const target = ((length & 0x3f) << 8) | (value[at + 1] ?? 0);
      const rest = target < from ? domain(value, target) : undefined;
      return rest && { labels: [...labels, ...rest.labels], next: at + 2 };
    }
    const label = value.subarray(at + 1, at + 1 + length);
    if (label.length < length || !isText(label)) return undefined;
    labels.push(textOf(label));
    at += 1 + length;
  }
  return undefined;
}

/** RFC 3442. */
function routes(reader: Reader): OptionValue {
  return each(reader, () => {
    const prefix = reader.u8();
    const network = new Uint8Array(4);
    if (prefix > 32) throw new DecodeError('no prefix is that long', reader.offset);
    network.set(reader.take(Math.ceil(prefix / 8)));
    return `${network.join('.')}/${prefix} via ${formatIpv4(reader.u32())}`;
  });
}

/** RFC 2132 §9.14: mostly the hardware type and address; else what the client likes (RFC 4361: 255). */
function clientIdWords(value: Uint8Array): OptionValue {
  if (value.length === 7 && value[0] === 1) return `Ethernet ${formatMac(value.subarray(1))}`;
  if (value[0] === 0 && isText(value.subarray(1))) return textOf(value.subarray(1));
  return toHex(value);
}

/** RFC 4578 §2.2: type 1 is UNDI. */
function ndiWords(text: string): string {
  return text.startsWith('1.') ? `UNDI ${text.slice(2)}` : text;
}

const RELAY_NAMES: Readonly<Record<number, string>> = {
  1: 'circuit-id',
  2: 'remote-id',
  5: 'link-selection',
  6: 'subscriber-id',
  9: 'vendor-specific',
  11: 'server-override',
  12: 'relay-agent-id',
  151: 'vrf-name',
  152: 'server-id-override',
};
const RELAY_ADDRESSES: ReadonlySet<number> = new Set([5, 11, 152]);

/** RFC 3046 and what came after it. */
function relayWords(value: Uint8Array): OptionValue {
  return named(subOptions(value), (code, inner) => [
    RELAY_NAMES[code] ?? `sub-option-${code}`,
    RELAY_ADDRESSES.has(code) && inner.length === 4 ? formatIpv4(new Reader(inner).u32()) : readable(inner),
  ]);
}

function readable(value: Uint8Array): string {
  return isText(value) ? textOf(value) : toHex(value);
}

const PXE_NAMES: Readonly<Record<number, string>> = {
  1: 'mtftp-address',
  2: 'mtftp-client-port',
  3: 'mtftp-server-port',
  4: 'mtftp-timeout',
  5: 'mtftp-delay',
  6: 'discovery-control',
  7: 'discovery-multicast',
  8: 'boot-servers',
  9: 'boot-menu',
  10: 'menu-prompt',
  71: 'boot-item',
};

/** Intel's PXE 2.1 §2.4, if it is that: option 43 belongs to whom option 60 names. */
function vendorWords(packet: DhcpPacket, value: Uint8Array): OptionValue {
  const vendor = textOf(packet.options.get(60) ?? new Uint8Array(0));
  const found = subOptions(value);
  const isPxe = /^(PXE|HTTP)Client/.test(vendor) || found.has(6) || found.has(71);
  if (found.size === 0 || !isPxe) return readable(value);
  const pxe = pxeWords(value);
  return named(found, (code, inner) => [
    PXE_NAMES[code] ?? `sub-option-${code}`,
    pxe[code] ?? (inner.length === 1 ? inner[0]! : readable(inner)),
  ]);
}

const CONTROL_BITS = [
  'no broadcast',
  'no multicast',
  'only listed servers',
  'boot the file at once',
] as const;

function pxeWords(value: Uint8Array): Readonly<Record<number, OptionValue | undefined>> {
  const { discoveryControl, bootServers, menu, prompt, bootItem } = decodePxeOptions(value);
  return {
    6: discoveryControl === undefined ? undefined : controlWords(discoveryControl),
    8: bootServers?.map(
      ({ type, addresses }) => `type ${type} at ${addresses.map(formatIpv4).join(' ') || 'any'}`,
    ),
    9: menu?.map(({ type, text }) => `${type} "${text}"`),
    10: prompt && `"${prompt.text}" for ${prompt.timeout === 255 ? 'ever' : `${prompt.timeout} s`}`,
    71: bootItem && `type ${bootItem.type} layer ${bootItem.layer}`,
  };
}

function controlWords(control: number): string {
  const bits = CONTROL_BITS.filter((_, i) => (control & (1 << i)) !== 0);
  return bits.length === 0 ? String(control) : `${control} (${bits.join(', ')})`;
}

const IPXE_NAMES: Readonly<Record<number, string>> = {
  1: 'priority',
  8: 'keep-san',
  9: 'skip-san-boot',
  85: 'scriptlet',
  91: 'crosscert',
  176: 'no-pxedhcp',
  177: 'bus-id',
  178: 'san-filename',
  188: 'san-retry',
  189: 'bios-drive',
  190: 'username',
  191: 'password',
  192: 'reverse-username',
  193: 'reverse-password',
  235: 'version',
};

/** https://ipxe.org/howto/dhcpd; the features are read where the server reads them. */
function ipxeWords(packet: DhcpPacket, value: Uint8Array): OptionValue {
  const settings = [...subOptions(value)].filter(
    ([code]) => IPXE_NAMES[code] !== undefined || code >= 0x80 || code < 0x10,
  );
  return {
    ...named(new Map(settings), (code, inner) => [
      IPXE_NAMES[code] ?? `sub-option-${code}`,
      code === 235
        ? inner.join('.')
        : code === 177
          ? busId(inner)
          : inner.length === 1
            ? inner[0]!
            : readable(inner),
    ]),
    ...(packet.op === 1 && { features: [...ipxeFeatures(packet)] }),
  };
}

/** A type byte, then vendor and device as PCI writes them. */
function busId(value: Uint8Array): string {
  const hex = toHex(value);
  return value.length === 5 ? `${hex.slice(2, 6)}:${hex.slice(6)}` : hex;
}

function named(
  found: ReadonlyMap<number, Uint8Array>,
  name: (code: number, value: Uint8Array) => readonly [string, OptionValue],
): { readonly [name: string]: OptionValue } {
  return Object.fromEntries([...found].map(([code, value]) => name(code, value)));
}
