/**
 * DHCP options by name, as subnets, hostgroups and hosts may declare them: what they are called, what values they take
 * and the bytes these become. Names are those of ISC dhcpd, which most sites write down already.
 */

import { parseCidr } from '../net/cidr.ts';
import { parseIpv4 } from '../net/ip.ts';
import { nearest } from './nearest.ts';

export type DhcpOptionValue = string | number | boolean | readonly (string | number)[];
export type DhcpOptions = Readonly<Record<string, DhcpOptionValue>>;

type Word = string | number | boolean;
/** Undefined for what is no value of this type. */
type Encoder = (words: readonly Word[]) => readonly number[] | undefined;
type OptionType = { readonly takes: string; readonly encode: Encoder };

const each =
  (encode: (word: Word) => readonly number[] | undefined): Encoder =>
  (words) => {
    const parts = words.map(encode);
    return parts.includes(undefined) ? undefined : parts.flatMap((part) => part!);
  };

const single =
  (encode: (word: Word) => readonly number[] | undefined): Encoder =>
  ([word, ...more]) =>
    word === undefined || more.length > 0 ? undefined : encode(word);

const bigEndian = (bytes: number) => (word: Word) => {
  const number = typeof word === 'number' ? word : Number.NaN;
  if (!Number.isInteger(number) || number < 0 || number >= 2 ** (8 * bytes)) return undefined;
  return Array.from({ length: bytes }, (_, i) => Math.floor(number / 2 ** (8 * (bytes - 1 - i))) % 256);
};

/** Two's complement of 32 bits. */
function signed(word: Word): readonly number[] | undefined {
  if (typeof word !== 'number' || Math.abs(word) >= 2 ** 31) return undefined;
  return bigEndian(4)(word < 0 ? word + 2 ** 32 : word);
}

function address(word: Word): readonly number[] | undefined {
  const ip = parseIpv4(String(word));
  return ip === undefined ? undefined : bigEndian(4)(ip);
}

function text(word: Word): readonly number[] | undefined {
  const words = String(word);
  return words === '' ? undefined : [...new TextEncoder().encode(words)];
}

/** Text only: YAML reads 0x10 as 16 and 0011 as 11, whose digits would be other bytes than those written. */
function hex(word: Word): readonly number[] | undefined {
  if (typeof word !== 'string') return undefined;
  const digits = word.replace(/^0x|[:\s]/gi, '');
  if (!/^([0-9a-f]{2})+$/i.test(digits)) return undefined;
  return digits.match(/../g)!.map((pair) => Number.parseInt(pair, 16));
}

const ADDRESSES: OptionType = { takes: 'one or more IPv4 addresses', encode: each(address) };
const ADDRESS: OptionType = { takes: 'an IPv4 address', encode: single(address) };
const TEXT: OptionType = { takes: 'text', encode: single(text) };
const HEX: OptionType = {
  takes: 'bytes in hex, such as "01:ff" or "0x01ff", in quotes',
  encode: single(hex),
};
const BYTE: OptionType = { takes: 'a number from 0 to 255', encode: single(bigEndian(1)) };
const SHORT: OptionType = { takes: 'a number from 0 to 65535', encode: single(bigEndian(2)) };
const LONG: OptionType = { takes: 'a number from 0 to 4294967295', encode: single(bigEndian(4)) };
/** RFC 2132 §3.4: west of the meridian is negative. */
const OFFSET: OptionType = { takes: 'seconds east of UTC, negative to the west', encode: single(signed) };
const FLAG: OptionType = {
  takes: 'true or false',
  encode: single((word) => (typeof word === 'boolean' ? [Number(word)] : undefined)),
};
const DOMAINS: OptionType = { takes: 'one or more domain names', encode: domainList };
const ROUTES: OptionType = {
  takes: 'routes such as "192.0.2.0/24 via 198.51.100.1"',
  encode: each(route),
};

/** Name, code (IANA "BOOTP Vendor Extensions and DHCP Options") and type. */
export const DHCP_OPTIONS: readonly (readonly [name: string, code: number, type: OptionType])[] = [
  ['subnet-mask', 1, ADDRESS],
  ['time-offset', 2, OFFSET],
  ['routers', 3, ADDRESSES],
  ['time-servers', 4, ADDRESSES],
  ['ien116-name-servers', 5, ADDRESSES],
  ['domain-name-servers', 6, ADDRESSES],
  ['log-servers', 7, ADDRESSES],
  ['lpr-servers', 9, ADDRESSES],
  ['host-name', 12, TEXT],
  ['domain-name', 15, TEXT],
  ['root-path', 17, TEXT],
  ['ip-forwarding', 19, FLAG],
  ['interface-mtu', 26, SHORT],
  ['broadcast-address', 28, ADDRESS],
  ['nis-domain', 40, TEXT],
  ['nis-servers', 41, ADDRESSES],
  ['ntp-servers', 42, ADDRESSES],
  ['vendor-encapsulated-options', 43, HEX],
  ['netbios-name-servers', 44, ADDRESSES],
  ['netbios-node-type', 46, BYTE],
  ['tftp-server-name', 66, TEXT],
  ['bootfile-name', 67, TEXT],
  ['smtp-server', 69, ADDRESSES],
  ['pcode', 100, TEXT],
  ['tcode', 101, TEXT],
  ['captive-portal', 114, TEXT],
  ['domain-search', 119, DOMAINS],
  ['classless-static-routes', 121, ROUTES],
  ['tftp-server-address', 150, ADDRESSES],
  ['path-prefix', 210, TEXT],
  ['reboot-time', 211, LONG],
];

const BY_NAME = new Map(DHCP_OPTIONS.map(([name, code, type]) => [name, { code, type }]));
export const OPTION_NAMES: readonly string[] = [...BY_NAME.keys()];

/** The exchange itself uses these; declaring them would break it (RFC 2132 §9, RFC 3046, RFC 6842). */
const OURS: ReadonlySet<number> = new Set([0, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 61, 82, 255]);

export type DhcpOptionFault = { readonly message: string; readonly suggestion?: string };

export type EncodedOption = { readonly code: number; readonly value: Uint8Array };

/** A name of the table, or a code from 1 to 254 whose value is hex. */
export function encodeDhcpOption(name: string, value: DhcpOptionValue): EncodedOption | DhcpOptionFault {
  const known = BY_NAME.get(name) ?? numbered(name);
  if (known === undefined) {
    const near = nearest(name, OPTION_NAMES);
    const message = `"${name}" is no DHCP option`;
    return {
      message,
      suggestion: near === undefined ? 'or give its number, and its value in hex' : `did you mean "${near}"?`,
    };
  }
  const { code, type } = known;
  if (OURS.has(code))
    return { message: `option ${code} is not for sites to set: the exchange itself uses it` };
  const bytes = type.encode(Array.isArray(value) ? value : [value as Word]);
  if (bytes === undefined || bytes.length === 0) return { message: `is not ${type.takes}` };
  return { code, value: Uint8Array.from(bytes) };
}

function numbered(name: string): { readonly code: number; readonly type: OptionType } | undefined {
  const code = /^\d{1,3}$/.test(name) ? Number(name) : 0;
  return code > 0 && code < 255 ? { code, type: HEX } : undefined;
}

/** Options that were checked when they were declared; what does not encode is left out. */
export function encodedOptions(options: DhcpOptions | undefined): readonly EncodedOption[] {
  return Object.entries(options ?? {}).flatMap(([name, value]) => {
    const encoded = encodeDhcpOption(name, value);
    return 'code' in encoded ? encoded : [];
  });
}

const MAX_LABEL = 63;
/** A pointer has 14 bits. */
const MAX_OFFSET = 0x3fff;

/** RFC 3397: names as in DNS, and a name whose end was written before points there (RFC 1035 §4.1.4). */
function domainList(words: readonly Word[]): readonly number[] | undefined {
  const bytes: number[] = [];
  const written = new Map<string, number>();
  for (const word of words) {
    const labels = String(word).toLowerCase().replace(/\.$/, '').split('.');
    if (
      !labels.every((label) => /^[a-z0-9_]([a-z0-9_-]*[a-z0-9])?$/.test(label) && label.length <= MAX_LABEL)
    )
      return undefined;
    writeName(bytes, labels, written);
  }
  return bytes;
}

function writeName(bytes: number[], labels: readonly string[], written: Map<string, number>): void {
  for (const [i, label] of labels.entries()) {
    const rest = labels.slice(i).join('.');
    const earlier = written.get(rest);
    if (earlier !== undefined) {
      bytes.push(0xc0 | (earlier >> 8), earlier & 0xff);
      return;
    }
    if (bytes.length <= MAX_OFFSET) written.set(rest, bytes.length);
    bytes.push(label.length, ...new TextEncoder().encode(label));
  }
  bytes.push(0);
}

/** RFC 3442: the prefix length, as many bytes of the network as it needs, and the router. */
function route(word: Word): readonly number[] | undefined {
  const [, network = '', via = ''] = /^\s*(\S+)\s+via\s+(\S+)\s*$/.exec(String(word)) ?? [];
  const cidr = parseCidr(network === 'default' ? '0.0.0.0/0' : network);
  const router = address(via);
  if (cidr === undefined || router === undefined) return undefined;
  return [cidr.prefix, ...bigEndian(4)(cidr.network)!.slice(0, Math.ceil(cidr.prefix / 8)), ...router];
}
