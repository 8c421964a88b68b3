/**
 * A whole site on loopback in a few lines, for tests of the virtual client: DHCP by a function, TFTP and HTTP
 * from tables, every request noted. It uses the real codecs and none of the real servers.
 */

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MESSAGE, messageType, OPTION, u32Value } from '../src/dhcp/options.ts';
import { type DhcpPacket, decodePacket, encodePacket } from '../src/dhcp/packet.ts';
import { parseIpv4 } from '../src/net/ip.ts';
import { decode, encode, type Packet } from '../src/tftp/packet.ts';

export const SERVER = '127.0.0.1';
/** What every machine is given: loopback, so that it can really send from there. */
export const LEASED = '127.77.0.50';

/** Fields of an answer; undefined is silence. Several answers are sent in their order. */
export type DhcpScript = (
  request: DhcpPacket,
  port: 'dhcp' | 'pxe',
) => readonly (Partial<DhcpPacket> | Uint8Array)[];
export type HttpScript = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export type ScriptedSite = {
  readonly dhcpPort: number;
  readonly pxePort: number;
  readonly tftpPort: number;
  /** `http://127.0.0.1:PORT` */
  readonly base: string;
  /** `DHCP DISCOVER`, `TFTP pxelinux.0`, `GET /path` with the address it came from after `@`. */
  readonly log: string[];
  close(): Promise<void>;
};

export type SiteParts = {
  readonly dhcp?: DhcpScript;
  readonly tftp?: (base: string) => Readonly<Record<string, Uint8Array | string>>;
  /** Called with each packet before it is sent; false loses it. */
  readonly passes?: (packet: Packet) => boolean;
  readonly http?: (base: string) => Readonly<Record<string, string | Uint8Array | HttpScript>>;
};

export async function scriptedSite(parts: SiteParts): Promise<ScriptedSite> {
  const log: string[] = [];
  const transfers = new Set<Socket>();
  const http = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      log.push(`${request.method} ${request.url} @${request.socket.remoteAddress}`);
      serve(parts.http?.(base) ?? {}, request, response, body);
    });
  });
  const port = await new Promise<number>((resolve) => {
    http.listen(0, SERVER, () => resolve((http.address() as AddressInfo).port));
  });
  const base = `http://${SERVER}:${port}`;
  const dhcp = await udp((bytes, from, socket) => answer('dhcp', bytes, from, socket));
  const pxe = await udp((bytes, from, socket) => answer('pxe', bytes, from, socket));
  const tftp = await udp((bytes, from) => void transfer(bytes, from));

  function answer(kind: 'dhcp' | 'pxe', bytes: Uint8Array, from: RemoteInfo, socket: Socket): void {
    const request = decodePacket(bytes);
    const name = Object.entries(MESSAGE).find(([, code]) => code === messageType(request))?.[0];
    log.push(`${kind.toUpperCase()} ${name}`);
    for (const fields of parts.dhcp?.(request, kind) ?? []) {
      if (fields instanceof Uint8Array) {
        socket.send(fields, from.port, from.address);
        continue;
      }
      const reply: DhcpPacket = {
        ...request,
        op: 2,
        secs: 0,
        siaddr: 0,
        yiaddr: 0,
        options: new Map(),
        ...fields,
      };
      socket.send(encodePacket(reply), from.port, from.address);
    }
  }

  async function transfer(bytes: Uint8Array, from: RemoteInfo): Promise<void> {
    const request = decode(bytes);
    if (request.op !== 'rrq') return;
    log.push(
      `TFTP ${request.filename} ${request.options.map(({ name, value }) => `${name}=${value}`).join(' ')}`,
    );
    const found = parts.tftp?.(base)[request.filename];
    const file = typeof found === 'string' ? new TextEncoder().encode(found) : found;
    const option = (name: string) => request.options.find((candidate) => candidate.name === name);
    const size = Number(option('blksize')?.value ?? 512);
    const window = Number(option('windowsize')?.value ?? 1);
    const send = (packet: Packet): void => {
      if (parts.passes?.(packet) ?? true) socket.send(encode(packet), from.port, from.address);
    };
    const sendWindow = (acknowledged: number): void => {
      if (file === undefined) return;
      const last = Math.floor(file.length / size) + 1;
      for (let block = acknowledged + 1; block <= Math.min(last, acknowledged + window); block++) {
        send({ op: 'data', block: block & 0xffff, data: file.subarray((block - 1) * size, block * size) });
      }
    };
    const socket = await udp((reply) => {
      const packet = decode(reply);
      if (packet.op === 'error') log.push(`TFTP ERROR ${packet.code}`);
      if (packet.op === 'ack') sendWindow(packet.block);
    });
    transfers.add(socket);
    if (file === undefined) return send({ op: 'error', code: 1, message: 'File not found' });
    const options = request.options.map(({ name, value }) => ({
      name,
      value: name === 'tsize' ? String(file.length) : value,
    }));
    if (options.length > 0) send({ op: 'oack', options });
    else sendWindow(0);
  }

  return {
    dhcpPort: dhcp.address().port,
    pxePort: pxe.address().port,
    tftpPort: tftp.address().port,
    base,
    log,
    async close() {
      if (!http.listening) return;
      for (const socket of [dhcp, pxe, tftp, ...transfers]) socket.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

function udp(onMessage: (bytes: Uint8Array, from: RemoteInfo, socket: Socket) => void): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (bytes, from) => onMessage(bytes, from, socket));
  return new Promise((resolve) => socket.bind(0, SERVER, () => resolve(socket)));
}

function serve(
  files: Readonly<Record<string, string | Uint8Array | HttpScript>>,
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
): void {
  const found = files[request.url?.split('?', 1)[0] ?? ''];
  if (typeof found === 'function') {
    found(request, response, body);
    return;
  }
  if (found === undefined) {
    response.writeHead(404).end('no such file');
    return;
  }
  const bytes = typeof found === 'string' ? new TextEncoder().encode(found) : found;
  response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
}

const address = (text: string): number => parseIpv4(text) ?? 0;

/** A full DHCP server that gives everybody {@link LEASED} and what `file` says. */
export function fullServer(
  file: (request: DhcpPacket) => string,
  extra: Partial<DhcpPacket> = {},
): DhcpScript {
  return (request, port) => {
    if (port === 'pxe') return [];
    const type = messageType(request) === MESSAGE.discover ? MESSAGE.offer : MESSAGE.ack;
    const options = new Map([
      [OPTION.messageType, Uint8Array.of(type)],
      [OPTION.serverId, u32Value(address(SERVER))],
      [OPTION.subnetMask, u32Value(address('255.255.255.0'))],
      [OPTION.router, u32Value(address(SERVER))],
      ...(extra.options ?? []),
    ]);
    return [{ yiaddr: address(LEASED), siaddr: address(SERVER), file: file(request), ...extra, options }];
  };
}

/** The smallest file that passes for a Linux kernel. */
export function fakeKernel(size = 20_000): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes.set([0x4d, 0x5a]);
  bytes.set([0x55, 0xaa], 0x1fe);
  bytes.set(new TextEncoder().encode('HdrS'), 0x202);
  return bytes;
}

export function fakeInitrd(size = 50_000): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes.set([0x1f, 0x8b, 0x08]);
  return bytes;
}

/** A boot program no firmware would take for text. */
export function fakeLoader(): Uint8Array {
  return Uint8Array.from({ length: 3000 }, (_, i) => (i * 7) & 0xff);
}

export function fakeEfi(): Uint8Array {
  return Uint8Array.of(0x4d, 0x5a, ...fakeLoader());
}
