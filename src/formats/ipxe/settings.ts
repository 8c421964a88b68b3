/**
 * iPXE's settings: named values in blocks (`net0/ip`, `user-class`), each a row of bytes that a type turns
 * into text (`${net0/mac:hexhyp}`). Pure.
 */

import { fromHex, latin1, toHex } from '../../net/bytes.ts';
import { formatIpv4, ipv4Bytes, parseIpv4 } from '../../net/ip.ts';
import { formatUuid } from '../../net/uuid.ts';

const utf8 = new TextEncoder();
const text = new TextDecoder();

type SettingType = {
  readonly format: (bytes: Uint8Array) => string | undefined;
  readonly parse: (text: string) => Uint8Array | undefined;
};

function hexType(separator: string): SettingType {
  return {
    format: (bytes) => Array.from(bytes, (byte) => toHex(Uint8Array.of(byte))).join(separator),
    parse: (value) =>
      /^([0-9a-f]{2}[:-]?)*$/i.test(value) ? fromHex(value.replace(/[:-]/g, '')) : undefined,
  };
}

function integerType(size: number, signed: boolean): SettingType {
  return {
    // The value is read at its own length, whatever the type's; unsigned ones are printed in hex.
    format: (bytes) =>
      signed ? String(integerOf(bytes, true)) : `0x${integerOf(bytes, false).toString(16)}`,
    parse: (value) => {
      const number = parseInteger(value);
      if (number === undefined) return undefined;
      return Uint8Array.from({ length: size }, (_, i) =>
        Number((BigInt(number) >> BigInt(8 * (size - 1 - i))) & 255n),
      );
    },
  };
}

/** Big-endian. */
function integerOf(bytes: Uint8Array, signed: boolean): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return signed ? BigInt.asIntN(8 * bytes.length, value) : value;
}

/** C notation: decimal, `0x…`, leading minus. */
export function parseInteger(value: string): number | undefined {
  return /^-?(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(value)
    ? (value.startsWith('-') ? -1 : 1) * Number(value.replace('-', ''))
    : undefined;
}

/** Can be shown but not set: "Operation not supported". */
const uuidType: SettingType = {
  format: (bytes) => (bytes.length === 16 ? formatUuid(bytes) : undefined),
  parse: () => undefined,
};

/**
 * The types of Debian 12's builds, tried one by one in its ipxe.lkrn; later versions have more (guid).
 * A setting with a type that is not known here reads as nothing.
 */
const TYPES: Readonly<Record<string, SettingType>> = {
  string: { format: (bytes) => text.decode(bytes), parse: (value) => utf8.encode(value) },
  uristring: {
    format: (bytes) => encodeURIComponent(text.decode(bytes)),
    parse: (value) => utf8.encode(unescapeUri(value)),
  },
  ipv4: {
    format: (bytes) =>
      bytes.length < 4
        ? undefined
        : formatIpv4(((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0),
    parse: (value) => {
      const address = parseIpv4(value);
      return address === undefined ? undefined : ipv4Bytes(address);
    },
  },
  int8: integerType(1, true),
  int16: integerType(2, true),
  int32: integerType(4, true),
  uint8: integerType(1, false),
  uint16: integerType(2, false),
  uint32: integerType(4, false),
  hex: hexType(':'),
  hexhyp: hexType('-'),
  hexraw: hexType(''),
  base64: {
    format: (bytes) => btoa(latin1(bytes)),
    parse: (value) =>
      /^[A-Za-z0-9+/]*={0,2}$/.test(value) && value.length % 4 === 0
        ? Uint8Array.from(atob(value), (char) => char.charCodeAt(0))
        : undefined,
  },
  uuid: uuidType,
};

function unescapeUri(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

export function isIntegerType(type: string): boolean {
  return /^u?int(8|16|32)$/.test(type);
}

/** Whether Debian's builds know the type; later ones know more. */
export function isSettingType(type: string): boolean {
  return Object.hasOwn(TYPES, type);
}

/** Types of the settings that are not plain text. */
const DEFAULT_TYPES: Readonly<Record<string, string>> = {
  ip: 'ipv4',
  netmask: 'ipv4',
  gateway: 'ipv4',
  dns: 'ipv4',
  'dhcp-server': 'ipv4',
  'next-server': 'ipv4',
  syslog: 'ipv4',
  mac: 'hex',
  busid: 'hex',
  uuid: 'uuid',
  priority: 'int8',
  mtu: 'uint16',
  keep_san: 'int8',
};

/** DHCP options behind named settings (RFC 2132 numbers). */
const OPTION_OF: Readonly<Record<string, number>> = {
  netmask: 1,
  gateway: 3,
  dns: 6,
  hostname: 12,
  domain: 15,
  'root-path': 17,
  mtu: 26,
  'vendor-class': 60,
  'dhcp-server': 54,
};

type Name = { readonly block: string; readonly name: string; readonly type?: string };

/** `[block/]name[:type]`; undefined for a type iPXE does not have. */
function parseName(given: string): Name | undefined {
  const [path = '', type] = splitAtLast(given, ':');
  if (type !== undefined && !isSettingType(type)) return undefined;
  const slash = path.lastIndexOf('/');
  const block = slash < 0 ? '' : path.slice(0, slash);
  return { block: block.replace(/\.dhcp$/, ''), name: path.slice(slash + 1), type };
}

function splitAtLast(value: string, separator: string): [string, string | undefined] {
  const at = value.lastIndexOf(separator);
  return at < 0 ? [value, undefined] : [value.slice(0, at), value.slice(at + 1)];
}

type Stored = { readonly bytes: Uint8Array; readonly type: string };

export class Settings {
  private readonly blocks = new Map<string, Map<string, Stored>>();
  /** Blocks searched for a name without one, nearest first: what scripts set, then the NIC configured last. */
  private order: string[] = ['', 'smbios'];
  /** What `netX` stands for: nothing before a NIC was opened. */
  lastOpened: string | undefined;

  /** Makes `netX` mean this NIC, and its settings the first ones found without a block. */
  opened(nic: string): void {
    this.lastOpened = nic;
    this.order = ['', nic, ...this.order.filter((block) => block !== '' && block !== nic)];
  }

  private blockName(block: string): string {
    return block === 'netX' ? (this.lastOpened ?? block) : block;
  }

  /** Stores raw bytes; none deletes. */
  put(block: string, name: string, bytes: Uint8Array | undefined, type?: string): void {
    const where = this.blockName(block);
    const entries = this.blocks.get(where) ?? new Map<string, Stored>();
    this.blocks.set(where, entries);
    if (!this.order.includes(where)) this.order.push(where);
    if (bytes === undefined || bytes.length === 0) entries.delete(name);
    else entries.set(name, { bytes, type: type ?? DEFAULT_TYPES[name] ?? 'string' });
  }

  putText(block: string, name: string, value: string | undefined): void {
    this.put(
      block,
      name,
      value === undefined ? undefined : TYPES[DEFAULT_TYPES[name] ?? 'string']!.parse(value),
    );
  }

  /** `set name value`: false when the name or the value cannot be understood. An empty value deletes. */
  set(given: string, value: string): boolean {
    const parsed = parseName(given);
    if (parsed === undefined || parsed.name === '') return false;
    const type = parsed.type ?? DEFAULT_TYPES[parsed.name] ?? 'string';
    const bytes = value === '' ? undefined : TYPES[type]!.parse(value);
    if (bytes === undefined && value !== '') return false;
    this.put(parsed.block, parsed.name, bytes, type);
    return true;
  }

  private find(parsed: Name): Stored | undefined {
    const blocks = parsed.block === '' ? this.order : [this.blockName(parsed.block)];
    const names = [parsed.name, String(OPTION_OF[parsed.name] ?? parsed.name)];
    for (const block of blocks) {
      for (const name of names) {
        const stored = this.blocks.get(block)?.get(name);
        if (stored !== undefined) return stored;
      }
    }
    return undefined;
  }

  /** The text of `${name}`; undefined when it is not set. */
  get(given: string): string | undefined {
    const parsed = parseName(given);
    if (parsed === undefined) return undefined;
    const stored = this.find(parsed);
    if (stored === undefined) return undefined;
    const type = parsed.type ?? DEFAULT_TYPES[parsed.name] ?? stored.type;
    return TYPES[type]!.format(stored.bytes);
  }

  /** `inc`: an unset value counts as 0; a text cannot be counted, not even "9" (seen: `set i 9`, `inc i` fails). */
  increment(given: string, by: number): boolean {
    const parsed = parseName(given);
    if (parsed === undefined || parsed.name === '') return false;
    const stored = this.find(parsed);
    const type = parsed.type ?? stored?.type ?? 'int32';
    if (!isIntegerType(type)) return false;
    const current = stored === undefined ? 0 : Number(integerOf(stored.bytes, type.startsWith('i')));
    const bytes = TYPES[type]!.parse(String(current + by));
    if (bytes === undefined) return false;
    this.put(parsed.block, parsed.name, bytes, type);
    return true;
  }

  /**
   * Replaces every `${…}`, the innermost first; unset ones become nothing. What a value brings along is
   * expanded as well, as iPXE does, but not for ever: undefined when it does not come to an end.
   */
  expand(word: string): string | undefined {
    let result = word;
    for (let rounds = 0; rounds < 200 && result.length < 65536; rounds++) {
      const end = closingBrace(result);
      if (end === undefined) return result;
      const start = result.lastIndexOf('${', end);
      result =
        result.slice(0, start) + (this.get(result.slice(start + 2, end)) ?? '') + result.slice(end + 1);
    }
    return undefined;
  }
}

/** The first `}` that has a `${` before it. */
function closingBrace(value: string): number | undefined {
  const open = value.indexOf('${');
  if (open < 0) return undefined;
  const end = value.indexOf('}', open);
  return end < 0 ? undefined : end;
}
