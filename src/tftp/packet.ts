/**
 * TFTP packets (RFC 1350 §5, options RFC 2347). Strings are bytes on the wire and latin-1 text here.
 *
 *     RRQ / WRQ   | 01 / 02 | filename | 0 | mode | 0 | option | 0 | value | 0 | …
 *     DATA        |   03    | block #  | 0 … blksize bytes
 *     ACK         |   04    | block #  |
 *     ERROR       |   05    |   code   | message | 0 |
 *     OACK        |   06    | option | 0 | value | 0 | …
 */

import { DecodeError, Reader, Writer } from '../net/bytes.ts';

export const OPCODE = { rrq: 1, wrq: 2, data: 3, ack: 4, error: 5, oack: 6 } as const;

/** RFC 1350 appendix I and RFC 2347. */
export const TFTP_ERROR = {
  notDefined: 0,
  notFound: 1,
  accessViolation: 2,
  diskFull: 3,
  illegalOperation: 4,
  unknownTransfer: 5,
  optionsRefused: 8,
} as const;

/** Name and value as they were written, in the order of the packet. */
export type Option = { readonly name: string; readonly value: string };

export type Request = {
  readonly op: 'rrq' | 'wrq';
  readonly filename: string;
  readonly mode: string;
  readonly options: readonly Option[];
};
type Data = { readonly op: 'data'; readonly block: number; readonly data: Uint8Array };
type Ack = { readonly op: 'ack'; readonly block: number };
type Failure = { readonly op: 'error'; readonly code: number; readonly message: string };
type OptionAck = { readonly op: 'oack'; readonly options: readonly Option[] };
export type Packet = Request | Data | Ack | Failure | OptionAck;

/** Throws {@link DecodeError} and nothing else. The data of a DATA packet is a view into `bytes`. */
export function decode(bytes: Uint8Array): Packet {
  const reader = new Reader(bytes);
  const opcode = reader.u16();
  switch (opcode) {
    case OPCODE.rrq:
    case OPCODE.wrq:
      return {
        op: opcode === OPCODE.rrq ? 'rrq' : 'wrq',
        filename: reader.cstring(),
        mode: reader.cstring(),
        options: readOptions(reader),
      };
    case OPCODE.data:
      return { op: 'data', block: reader.u16(), data: reader.rest() };
    // What follows the fields of ACK and ERROR is ignored: drivers that pad short frames exist.
    case OPCODE.ack:
      return { op: 'ack', block: reader.u16() };
    case OPCODE.error:
      return { op: 'error', code: reader.u16(), message: reader.cstring() };
    case OPCODE.oack:
      return { op: 'oack', options: readOptions(reader) };
    default:
      throw new DecodeError(`there is no opcode ${opcode}`, 0);
  }
}

/** Undefined for what is not a TFTP packet. */
export function tryDecode(bytes: Uint8Array): Packet | undefined {
  try {
    return decode(bytes);
  } catch {
    return undefined;
  }
}

/** The block an ACK confirms, undefined for any other packet: most of what a server hears, so without a detour. */
export function ackedBlock(bytes: Uint8Array): number | undefined {
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== OPCODE.ack) return undefined;
  return (bytes[2]! << 8) | bytes[3]!;
}

/** A read or write request, even a damaged one. */
export function isRequestPacket(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && (bytes[1] === OPCODE.rrq || bytes[1] === OPCODE.wrq);
}

/** Even a damaged one: errors are never answered with errors, or two servers could talk for ever. */
export function isErrorPacket(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && bytes[1] === OPCODE.error;
}

function readOptions(reader: Reader): Option[] {
  const options: Option[] = [];
  while (reader.remaining > 0) options.push({ name: reader.cstring(), value: reader.cstring() });
  return options;
}

/** Text must be latin-1 without NUL. */
export function encode(packet: Packet): Uint8Array {
  const writer = new Writer(packet.op === 'data' ? 4 + packet.data.length : 128).u16(OPCODE[packet.op]);
  switch (packet.op) {
    case 'rrq':
    case 'wrq':
      writer.cstring(packet.filename).cstring(packet.mode);
      writeOptions(writer, packet.options);
      break;
    case 'data':
      writer.u16(packet.block).put(packet.data);
      break;
    case 'ack':
      writer.u16(packet.block);
      break;
    case 'error':
      writer.u16(packet.code).cstring(packet.message);
      break;
    case 'oack':
      writeOptions(writer, packet.options);
      break;
  }
  return writer.finish();
}

function writeOptions(writer: Writer, options: readonly Option[]): void {
  for (const { name, value } of options) writer.cstring(name).cstring(value);
}
