/** Events of a capture as lines to read and as objects. */

import { stageOf } from '../dhcp/ipxe.ts';
import { messageName, messageType } from '../dhcp/options.ts';
import type { DhcpPacket } from '../dhcp/packet.ts';
import { archOfRequest } from '../dhcp/pxe.ts';
import { formatIpv4, type Ipv4 } from '../net/ip.ts';
import type { Option } from '../tftp/packet.ts';
import { optionName, optionWords, valueText } from './dhcp-options.ts';
import type {
  BrokenEvent,
  CaptureEvent,
  DhcpEvent,
  End,
  HttpRequestEvent,
  HttpResponseEvent,
  TftpEvent,
  TlsEvent,
  TransferOutcome,
} from './events.ts';

/** Characters of a script that are shown with its answer. */
const MOST_LINES = 40;

/** The first line says what it is; those that follow are indented and say what is in it. */
export function eventLines(event: CaptureEvent, began: number): readonly string[] {
  const seconds = `+${((event.at - began) / 1000).toFixed(3)}`.padStart(9);
  const vlan = event.vlans.length === 0 ? '' : ` vlan ${event.vlans.join('.')}`;
  const [first, ...more] = textLines(event);
  return [
    `${seconds}  #${event.frame}  ${first}${vlan}`,
    ...more.map((line) => `${' '.repeat(15)}${line}`),
  ].map(printable);
}

function textLines(event: CaptureEvent): readonly string[] {
  switch (event.kind) {
    case 'dhcp':
      return dhcpLines(event);
    case 'tftp':
      return [tftpLine(event)];
    case 'http-request':
      return requestLines(event);
    case 'http-response':
      return responseLines(event);
    case 'tls':
      return [tlsLine(event)];
    case 'broken':
      return [brokenLine(event)];
  }
}

/** One object a message; bodies are text where they are. */
export function eventJson(event: CaptureEvent): Readonly<Record<string, unknown>> {
  const { kind, frame, at, mac, from, to, vlans } = event;
  const common = { kind, frame, at: round(at), mac, from, to, ...(vlans.length > 0 && { vlans }) };
  switch (event.kind) {
    case 'dhcp':
      return { ...common, pxe: event.pxe, ...packetJson(event.packet) };
    case 'tftp':
      return { ...common, ...tftpJson(event) };
    case 'http-request':
      return { ...common, ...requestJson(event) };
    case 'http-response':
      return { ...common, ...responseJson(event) };
    case 'tls':
      return { ...common, server: event.server };
    case 'broken':
      return { ...common, protocol: event.protocol, reason: event.reason };
  }
}

function tftpJson(event: TftpEvent) {
  const { op, filename, mode, asked, agreed, blksize, windowsize, blocks, bytes, outcome, error } = event;
  return {
    op,
    filename,
    mode,
    asked,
    agreed,
    blksize,
    windowsize,
    blocks,
    confirmed: event.confirmed,
    bytes,
    retransmits: event.retransmits,
    took: round(event.took),
    outcome,
    error,
  };
}

function requestJson({ method, target, version, headers, bytes }: HttpRequestEvent) {
  return { method, target, version, headers: Object.fromEntries(headers), bytes };
}

function responseJson(event: HttpResponseEvent) {
  const { status, reason, request, headers, bytes, promised, end, took } = event;
  const text = bodyText(event);
  return {
    status,
    reason,
    ...(request && { request: request.frame, target: request.target }),
    headers: Object.fromEntries(headers),
    bytes,
    promised,
    end,
    took: round(took),
    ...(text !== undefined && { text }),
  };
}

/** Microseconds are what captures have. */
function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}

const address = (value: Ipv4) => (value === 0 ? undefined : formatIpv4(value));

function packetJson(packet: DhcpPacket) {
  return {
    message: messageName(packet),
    op: packet.op,
    xid: packet.xid.toString(16).padStart(8, '0'),
    secs: packet.secs,
    broadcast: (packet.flags & 0x8000) !== 0,
    ciaddr: address(packet.ciaddr),
    yiaddr: address(packet.yiaddr),
    siaddr: address(packet.siaddr),
    giaddr: address(packet.giaddr),
    sname: packet.sname || undefined,
    file: packet.file || undefined,
    ...(packet.op === 1 && { stage: stageOf(packet), arch: archOfRequest(packet).name }),
    options: optionWords(packet),
  };
}

function dhcpLines({ packet, pxe, mac = '', from, to }: DhcpEvent): readonly string[] {
  const what = packet.op === 1 ? `${mac} asks, ${who(packet)}` : `to ${mac}`;
  return [
    `${pxe ? 'PXE' : 'DHCP'} ${messageName(packet)}  ${what}  ${path(from, to)}`,
    headerLine(packet),
    ...optionWords(packet).map(
      ({ code, name, value }) => `${code} ${name}: ${optionText(code, valueText(value))}`,
    ),
  ];
}

const STAGES: Readonly<Record<string, string>> = {
  rom: 'ROM',
  ipxe: 'iPXE',
  gpxe: 'gPXE',
  installer: 'installer',
};

function who(packet: DhcpPacket): string {
  const stage = stageOf(packet);
  if (stage === 'os') return messageType(packet) === undefined ? 'a BOOTP client' : 'no network boot';
  return `${STAGES[stage] ?? stage} (${archOfRequest(packet).name})`;
}

function headerLine(packet: DhcpPacket): string {
  const parts: readonly (readonly [string, string | undefined])[] = [
    ['xid', packet.xid.toString(16).padStart(8, '0')],
    ['secs', String(packet.secs)],
    ['flags', (packet.flags & 0x8000) === 0 ? undefined : 'broadcast'],
    ['ciaddr', address(packet.ciaddr)],
    ['yiaddr', address(packet.yiaddr)],
    ['siaddr', address(packet.siaddr)],
    ['giaddr', address(packet.giaddr)],
    ['sname', packet.sname && `"${packet.sname}"`],
    ['file', packet.file && `"${packet.file}"`],
  ];
  return parts.flatMap(([name, value]) => (value ? [`${name} ${value}`] : [])).join(', ');
}

/** A list of wanted options is read by name. */
function optionText(code: number, text: string): string {
  if (code !== 55) return text;
  return text
    .split(', ')
    .map((wanted) => `${wanted} ${optionName(Number(wanted))}`)
    .join(', ');
}

const OUTCOMES: Readonly<Record<TransferOutcome, string>> = {
  complete: 'complete',
  probe: 'only the size was asked for (normal for UEFI)',
  refused: 'refused',
  aborted: 'the client stopped it',
  unanswered: 'nobody answered',
  silence: 'one of both fell silent',
  'not-captured': 'its blocks are not in the capture',
  open: 'the capture ends before it does',
};

function tftpLine(event: TftpEvent): string {
  const { op, filename, mode, asked, agreed, from, to, outcome, error } = event;
  const answer = agreed === undefined ? '' : ` → ${options(agreed) || 'no options'}`;
  const wanted = options(asked);
  const said = error === undefined ? '' : ` (error ${error.code} "${error.message}")`;
  const verb = op === 'rrq' ? 'read' : 'write';
  return `TFTP ${verb} "${filename}" ${mode}${wanted && `, ${wanted}`}${answer}: ${amount(event)}${OUTCOMES[outcome]}${said}  ${path(from, to)}`;
}

function amount({ blocks, bytes, took, retransmits }: TftpEvent): string {
  const again = retransmits === 0 ? '' : `${retransmits} packet(s) sent again, `;
  if (blocks === 0) return again;
  return `${blocks} block(s), ${bytes} bytes in ${(took / 1000).toFixed(3)} s, ${again}`;
}

function options(all: readonly Option[]): string {
  return all.map(({ name, value }) => `${name} ${value}`).join(', ');
}

function requestLines({ method, target, headers, bytes, from, to }: HttpRequestEvent): readonly string[] {
  const body = bytes === 0 ? '' : `, ${bytes} bytes`;
  return [
    `HTTP ${method} ${target}${body}  ${path(from, to)}`,
    ...told(headers, ['host', 'user-agent', 'range']),
  ];
}

function responseLines(event: HttpResponseEvent): readonly string[] {
  const { status, reason, request, from, to, headers } = event;
  const what = request === undefined ? '' : ` to ${request.method} ${request.target}`;
  return [
    `HTTP ${status} ${reason}${what}: ${bodyWords(event)}  ${path(from, to)}`,
    ...told(headers, ['location', 'content-type', 'content-range']),
    ...textOfScript(event),
  ];
}

const ENDS = {
  whole: '',
  closed: ', and the connection was closed',
  unknown: ', the rest is not in the capture',
} as const;

function bodyWords({ bytes, promised, end, took }: HttpResponseEvent): string {
  const of = promised === undefined || promised === bytes ? '' : ` of ${promised}`;
  return `${bytes}${of} bytes in ${(took / 1000).toFixed(3)} s${ENDS[end]}`;
}

function told(headers: ReadonlyMap<string, string>, names: readonly string[]): readonly string[] {
  return names.flatMap((name) => (headers.has(name) ? [`${name}: ${headers.get(name)}`] : []));
}

/** What machines run is what one looks for in a capture. */
function textOfScript(event: HttpResponseEvent): readonly string[] {
  const text = bodyText(event);
  if (text === undefined || text === '' || !isScript(event, text)) return [];
  const lines = text.split('\n', MOST_LINES + 1).map((line) => `| ${line.trimEnd()}`);
  return lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), '| …'] : lines;
}

function isScript({ headers }: HttpResponseEvent, text: string): boolean {
  return text.startsWith('#!') || /^text\/plain/.test(headers.get('content-type') ?? '');
}

/** Undefined for what is no text, or not all there. */
export function bodyText({ body, isWhole, status }: HttpResponseEvent): string | undefined {
  if (!isWhole || body.length === 0 || status >= 600) return undefined;
  try {
    const text = UTF8.decode(body);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

function tlsLine({ server, from, to }: TlsEvent): string {
  const name = server === undefined ? '' : ` for ${server}`;
  return `TLS connection${name}: what is in it cannot be read  ${path(from, to)}`;
}

function brokenLine({ protocol, reason, from, to }: BrokenEvent): string {
  return `${protocol.toUpperCase()} packet that cannot be read: ${reason}  ${path(from, to)}`;
}

function path(from: End, to: End): string {
  return `${from.address}:${from.port} → ${to.address}:${to.port}`;
}

/** Names come from the wire: no control characters on a terminal. */
function printable(line: string): string {
  return line.replace(/[^\x20-\x7e\u2026\u2192]/g, '?');
}
