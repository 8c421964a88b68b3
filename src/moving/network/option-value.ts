/** From the words that another server's file has for an option to the value that a site file has for it. */

import { DHCP_OPTIONS, encodeDhcpOption } from '../../inventory/dhcp-options.ts';
import { formatCidr, maskOf } from '../../net/cidr.ts';
import { formatIpv4, ipv4Bytes, parseIpv4 } from '../../net/ip.ts';
import type { OptionType } from './option-table.ts';

/** As a site file takes it. */
export type OptionValue = string | number | boolean | (string | number)[];
export type SiteOption = { readonly name: string; readonly value: OptionValue };

const NAMES = new Map(DHCP_OPTIONS.map(([name, code]) => [code, name]));

/**
 * Under its name where a site file has one for the code, else under its number with its bytes in hex.
 * @param words one a value, strings without their quotes; characters of text stand for bytes
 * @returns undefined for words that are no value of that type
 */
export function siteOption(code: number, type: OptionType, words: readonly string[]): SiteOption | undefined {
  const name = NAMES.get(code);
  const value = name === undefined ? undefined : wordsAs(type, words);
  if (name !== undefined && value !== undefined && 'code' in encodeDhcpOption(name, value))
    return { name, value };
  const bytes = bytesOf(type, words);
  if (bytes === undefined) return undefined;
  const numbered = { name: String(code), value: hexOf(bytes) };
  return 'code' in encodeDhcpOption(numbered.name, numbered.value) ? numbered : undefined;
}

function wordsAs(type: OptionType, words: readonly string[]): OptionValue | undefined {
  const [word = ''] = words;
  switch (type) {
    case 'text':
      return words.length === 1 && /^[\x20-\x7e]+$/.test(word) ? word : undefined;
    case 'byte':
    case 'short':
    case 'long':
    case 'seconds-east':
      return words.length === 1 ? numberOf(word) : undefined;
    case 'flag':
      return words.length === 1 ? flagOf(word) : undefined;
    case 'hex':
      return hexOf(bytesOf('hex', words) ?? []);
    case 'address':
    case 'addresses':
    case 'domains':
    case 'routes':
      return words.length === 1 ? word : [...words];
    default:
      return undefined;
  }
}

function numberOf(word: string): number | undefined {
  return /^(-?\d+|0x[0-9a-f]+)$/i.test(word) ? Number(word) : undefined;
}

function flagOf(word: string): boolean | undefined {
  if (/^(true|on|yes|1)$/i.test(word)) return true;
  return /^(false|off|no|0)$/i.test(word) ? false : undefined;
}

function bytesOf(type: OptionType, words: readonly string[]): readonly number[] | undefined {
  if (words.length === 0) return undefined;
  const parts = words.map((word) => wordBytes(type, word));
  return parts.includes(undefined) ? undefined : parts.flatMap((part) => part!);
}

function wordBytes(type: OptionType, word: string): readonly number[] | undefined {
  switch (type) {
    case 'address':
    case 'addresses': {
      const ip = parseIpv4(word);
      return ip === undefined ? undefined : [...ipv4Bytes(ip)];
    }
    case 'text':
      return latin1(word);
    case 'byte':
    case 'bytes':
      return integer(word, 1);
    case 'short':
    case 'shorts':
      return integer(word, 2);
    case 'long':
    case 'seconds-east':
      return integer(word, 4);
    case 'flag': {
      const flag = flagOf(word);
      return flag === undefined ? undefined : [Number(flag)];
    }
    case 'domains':
      return dnsName(word);
    case 'hex':
      return hexBytes(word);
    default:
      return undefined;
  }
}

/** Text of files is read as UTF-8; escapes such as \377 are single bytes. */
function latin1(word: string): readonly number[] {
  return [...word].every((char) => char.codePointAt(0)! < 256)
    ? Array.from(word, (char) => char.charCodeAt(0))
    : [...new TextEncoder().encode(word)];
}

function integer(word: string, bytes: number): readonly number[] | undefined {
  const number = numberOf(word);
  const limit = 2 ** (8 * bytes);
  if (number === undefined || number >= limit || number < -limit / 2) return undefined;
  const unsigned = number < 0 ? number + limit : number;
  return Array.from({ length: bytes }, (_, i) => Math.floor(unsigned / 2 ** (8 * (bytes - 1 - i))) % 256);
}

function dnsName(word: string): readonly number[] | undefined {
  const labels = word.replace(/\.$/, '').split('.');
  if (!labels.every((label) => /^[\x21-\x7e]{1,63}$/.test(label))) return undefined;
  return [...labels.flatMap((label) => [label.length, ...latin1(label)]), 0];
}

/** `01:a:ff`, `0x01ff`, `01ff`, `01 ff`. */
export function hexBytes(word: string): readonly number[] | undefined {
  const text = word.trim().replace(/^0x/i, '');
  const pairs = /[:\s-]/.test(text) ? text.split(/[:\s-]+/) : (text.match(/../g) ?? [text]);
  if (pairs.length === 0 || !pairs.every((pair) => /^[0-9a-f]{1,2}$/i.test(pair))) return undefined;
  if (!/[:\s-]/.test(text) && text.length % 2 !== 0 && text.length > 1) return undefined;
  return pairs.map((pair) => Number.parseInt(pair, 16));
}

export function hexOf(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** RFC 3442: prefix length, as many bytes of the network as it needs, router; undefined for other bytes. */
export function routesOf(bytes: readonly number[]): readonly string[] | undefined {
  const routes: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const prefix = bytes[at]!;
    const significant = Math.ceil(prefix / 8);
    if (prefix > 32 || at + 5 + significant > bytes.length) return undefined;
    const quad = (from: number, count: number) =>
      Array.from({ length: 4 }, (_, i) => (i < count ? bytes[from + i]! : 0)).reduce(
        (value, byte) => value * 256 + byte,
        0,
      );
    const network = (quad(at + 1, significant) & maskOf(prefix)) >>> 0;
    routes.push(`${formatCidr({ network, prefix })} via ${formatIpv4(quad(at + 1 + significant, 4))}`);
    at += 5 + significant;
  }
  return routes.length > 0 ? routes : undefined;
}
