/**
 * Intel's PXE 2.1 on top of DHCP: the sub-options of option 43, and what the answer to each kind of client
 * must hold. Every rule here was seen on the wire.
 */

import type { Decision } from '../boot/decide.ts';
import { type Arch, archOf, BIOS } from '../net/arch.ts';
import { Reader } from '../net/bytes.ts';
import { formatIpv4, type Ipv4 } from '../net/ip.ts';
import {
  archCode,
  ipv4Values,
  OPTION,
  startsWith,
  subOptions,
  textOf,
  textValue,
  u16Value,
} from './options.ts';
import type { DhcpPacket } from './packet.ts';
import { FORMS, type Form } from './refusals.ts';

const SUB = { discoveryControl: 6, bootServers: 8, menu: 9, prompt: 10, bootItem: 71, end: 255 } as const;

/** Bit 3 of the discovery control: no discovery and no menu, just fetch `file` from `siaddr`. */
const BOOT_FILE_ONLY = 8;

/** Option 43 of a PXE message. */
export type PxeOptions = {
  readonly discoveryControl?: number;
  /** Servers of one type; `type` links them to a menu entry. */
  readonly bootServers?: readonly { readonly type: number; readonly addresses: readonly Ipv4[] }[];
  readonly menu?: readonly { readonly type: number; readonly text: string }[];
  /** `timeout` in seconds; 255 waits for ever. */
  readonly prompt?: { readonly timeout: number; readonly text: string };
  /** The menu entry a client chose and asks port 4011 for. */
  readonly bootItem?: { readonly type: number; readonly layer: number };
};

/** @throws {DecodeError} when a list inside ends in the middle of an entry. */
export function decodePxeOptions(value: Uint8Array): PxeOptions {
  const found = subOptions(value);
  const control = found.get(SUB.discoveryControl);
  const servers = found.get(SUB.bootServers);
  const menu = found.get(SUB.menu);
  const prompt = found.get(SUB.prompt);
  const item = found.get(SUB.bootItem);
  return {
    ...(control?.length === 1 && { discoveryControl: control[0]! }),
    ...(servers && { bootServers: entries(servers, bootServer) }),
    ...(menu && { menu: entries(menu, menuEntry) }),
    ...(prompt?.length && { prompt: { timeout: prompt[0]!, text: textOf(prompt.subarray(1)) } }),
    ...(item?.length === 4 && { bootItem: bootItem(new Reader(item)) }),
  };
}

function entries<T>(value: Uint8Array, read: (reader: Reader) => T): T[] {
  const reader = new Reader(value);
  const all: T[] = [];
  while (reader.remaining > 0) all.push(read(reader));
  return all;
}

function bootServer(reader: Reader): { type: number; addresses: Ipv4[] } {
  const type = reader.u16();
  return { type, addresses: Array.from({ length: reader.u8() }, () => reader.u32()) };
}

function menuEntry(reader: Reader): { type: number; text: string } {
  const type = reader.u16();
  return { type, text: textOf(reader.take(reader.u8())) };
}

function bootItem(reader: Reader): { type: number; layer: number } {
  return { type: reader.u16(), layer: reader.u16() };
}

/** In ascending order with the end marker, as the PXE specification shows them. */
export function encodePxeOptions(options: PxeOptions): Uint8Array {
  const all: number[] = [];
  const put = (code: number, value: readonly number[]) => all.push(code, value.length, ...value);
  const { discoveryControl, bootServers, menu, prompt, bootItem } = options;
  if (discoveryControl !== undefined) put(SUB.discoveryControl, [discoveryControl]);
  if (bootServers !== undefined)
    put(
      SUB.bootServers,
      bootServers.flatMap(({ type, addresses }) => [
        ...u16Value(type),
        addresses.length,
        ...ipv4Values(addresses),
      ]),
    );
  if (menu !== undefined)
    put(
      SUB.menu,
      menu.flatMap(({ type, text }) => [...u16Value(type), text.length, ...textValue(text)]),
    );
  if (prompt !== undefined) put(SUB.prompt, [prompt.timeout, ...textValue(prompt.text)]);
  if (bootItem !== undefined) put(SUB.bootItem, [...u16Value(bootItem.type), ...u16Value(bootItem.layer)]);
  return Uint8Array.from([...all, SUB.end]);
}

const NO_MENU = encodePxeOptions({ discoveryControl: BOOT_FILE_ONLY });
const PXE_CLIENT = textValue('PXEClient');
const HTTP_CLIENT = textValue('HTTPClient');

/** The boot part of an answer: three header fields and some options. */
export type BootInfo = {
  readonly siaddr: Ipv4;
  readonly sname: string;
  readonly file: string;
  readonly options: readonly (readonly [code: number, value: Uint8Array])[];
};

const NO_BOOT: BootInfo = { siaddr: 0, sname: '', file: '', options: [] };

/** Name or URL of what a decision hands out; undefined when it hands out nothing. */
export function bootFile(decision: Decision): string | undefined {
  if (decision.kind === 'script') return decision.url;
  if (decision.kind !== 'loader') return undefined;
  return decision.over === 'tftp' ? decision.file : decision.url;
}

/** Where it is fetched from: from us unless told. */
function serverOf(decision: Decision, server: Ipv4): Ipv4 {
  return (decision.kind === 'loader' && decision.over === 'tftp' ? decision.server : undefined) ?? server;
}

/**
 * In the answer of a full DHCP server. ROMs boot from `file` and `siaddr` alone; only UEFI HTTP boot ignores an
 * answer that does not echo `HTTPClient` (OVMF: 50 s of nothing without it). Echoing `PXEClient` here would make
 * a ROM look for the PXE options that only a proxy sends.
 */
export function serverBootInfo(request: DhcpPacket, decision: Decision, server: Ipv4): BootInfo {
  const file = bootFile(decision);
  if (file === undefined) return NO_BOOT;
  const http = startsWith(request.options.get(OPTION.vendorClass), 'HTTPClient');
  return {
    siaddr: serverOf(decision, server),
    sname: '',
    file,
    options: http ? [[OPTION.vendorClass, HTTP_CLIENT]] : [],
  };
}

/**
 * In a proxy's OFFER on port 67, or its ACK on port 4011 (`onPxePort`); undefined when there is nothing to boot.
 *
 * - iPXE takes a proxy's answer only with `siaddr` set and a file, even if that is a URL; with both it never
 *   asks port 4011.
 * - A BIOS ROM boots `file` at once when the discovery control says so, with no menu.
 * - A UEFI ROM would ignore that (seen with firmware derived from EDK II); without option 43 it takes us for a
 *   boot server and asks port 4011, where it gets the file.
 * - UEFI HTTP boot wants `HTTPClient` and the URL, and knows no port 4011.
 * - On port 4011 the client gets the boot item it asked for (43.71) echoed.
 */
export function proxyBootInfo(
  request: DhcpPacket,
  decision: Decision,
  server: Ipv4,
  onPxePort: boolean,
  form: Form = proxyForms(request, decision)[0],
): BootInfo | undefined {
  const file = bootFile(decision);
  if (file === undefined) return undefined;
  if (decision.kind === 'loader' && decision.over === 'http') {
    return { siaddr: server, sname: '', file, options: [[OPTION.vendorClass, HTTP_CLIENT]] };
  }
  const options: (readonly [number, Uint8Array])[] = [[OPTION.vendorClass, PXE_CLIENT]];
  const uuid = request.options.get(OPTION.uuid);
  // PXE 2.1 §2.2.3: the client's UUID comes back.
  if (uuid !== undefined) options.push([OPTION.uuid, uuid]);
  const vendor = (onPxePort ? chosenItem(request) : undefined) ?? (form === 'direct' ? NO_MENU : undefined);
  if (vendor !== undefined) options.push([OPTION.vendorSpecific, vendor]);
  const from = serverOf(decision, server);
  return {
    siaddr: from,
    sname: onPxePort ? formatIpv4(from) : '',
    file: form !== 'boot-server' || onPxePort ? file : '',
    options,
  };
}

/** In which forms a proxy may answer, the one that suits the firmware that was seen first. iPXE needs but one. */
export function proxyForms(request: DhcpPacket, decision: Decision): readonly [Form, ...Form[]] {
  if (decision.kind === 'script') return ['direct'];
  return archOfRequest(request).firmware === 'bios' ? FORMS.biosProxy : FORMS.uefiProxy;
}

function chosenItem(request: DhcpPacket): Uint8Array | undefined {
  const vendor = request.options.get(OPTION.vendorSpecific);
  const item = vendor && subOptions(vendor).get(SUB.bootItem);
  return item?.length === 4
    ? Uint8Array.of(SUB.bootItem, 4, item[0]!, item[1]!, item[2]!, item[3]!, SUB.end)
    : undefined;
}

/**
 * Option 93, else the number in `PXEClient:Arch:00007:…`, else BIOS. Option 60 comes last because an iPXE that
 * was chained through a proxy repeats that proxy's bare `PXEClient`.
 */
export function archOfRequest(packet: DhcpPacket): Arch {
  const code = archCode(packet) ?? archInVendorClass(packet.options.get(OPTION.vendorClass));
  return code === undefined ? BIOS : archOf(code);
}

function archInVendorClass(value: Uint8Array | undefined): number | undefined {
  const digits = /^(?:PXE|HTTP)Client:Arch:(\d{5})/.exec(value === undefined ? '' : textOf(value))?.[1];
  return digits === undefined ? undefined : Number(digits);
}
