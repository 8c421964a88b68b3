/**
 * pcapng (draft-ietf-opsawg-pcapng): blocks, each between its length and its length again, padded to four bytes.
 *
 *     | type | length | body … | length |
 *
 * A section header names the byte order of all that follows it; interfaces come before the packets that name them.
 */

import { DecodeError } from '../net/bytes.ts';
import { type Frame, type Frames, MAX_FRAME } from './types.ts';

const BLOCK = { section: 0x0a0d0d0a, interface: 1, obsoletePacket: 2, simplePacket: 3, packet: 6 } as const;
const BYTE_ORDER = 0x1a2b3c4d;
/** Type and both lengths. */
const AROUND = 12;
const OPTION = { end: 0, resolution: 9, offset: 14 } as const;

type Interface = {
  readonly linkType: number;
  readonly snaplen: number;
  /** Of the clock, a second. */
  readonly units: bigint;
  /** Seconds to be added. */
  readonly offset: number;
};

type State = {
  readonly view: DataView;
  readonly bytes: Uint8Array;
  little: boolean;
  interfaces: Interface[];
  readonly frames: Frame[];
};

/** Where a block lies, without what is around it. */
type Body = { readonly from: number; readonly to: number };

export function isPcapng(bytes: Uint8Array): boolean {
  // Reads the same in both byte orders.
  return bytes[0] === 0x0a && bytes[1] === 0x0d && bytes[2] === 0x0d && bytes[3] === 0x0a;
}

/** @throws {DecodeError} when not even the first section header is whole. */
export function readPcapng(bytes: Uint8Array): Frames {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const state: State = { view, bytes, little: true, interfaces: [], frames: [] };
  let at = 0;
  while (at < bytes.length) {
    try {
      at = readBlock(state, at);
    } catch (error) {
      if (!(error instanceof DecodeError) || at === 0) throw error;
      return { frames: state.frames, damage: error.message };
    }
  }
  return { frames: state.frames, damage: undefined };
}

/** Answers where the next block begins. */
function readBlock(state: State, at: number): number {
  const { view, bytes } = state;
  if (at + AROUND > bytes.length) throw new DecodeError('the file ends in the middle of a block', at);
  if (view.getUint32(at, true) === BLOCK.section) beginSection(state, at);
  const length = view.getUint32(at + 4, state.little);
  if (length < AROUND || length % 4 !== 0) throw new DecodeError(`no block is ${length} bytes long`, at);
  const end = at + length;
  if (end > bytes.length) throw new DecodeError('the file ends in the middle of a block', at);
  if (view.getUint32(end - 4, state.little) !== length)
    throw new DecodeError('the two lengths of a block differ', at);
  const body = { from: at + 8, to: end - 4 };
  switch (view.getUint32(at, state.little)) {
    case BLOCK.interface:
      state.interfaces.push(readInterface(state, body));
      break;
    case BLOCK.packet:
      readPacket(state, body, u32(state, body, 0));
      break;
    case BLOCK.obsoletePacket:
      readPacket(state, body, u16(state, body, 0));
      break;
    case BLOCK.simplePacket:
      readSimplePacket(state, body);
      break;
  }
  return end;
}

function beginSection(state: State, at: number): void {
  const little = state.view.getUint32(at + 8, true) === BYTE_ORDER;
  if (!little && state.view.getUint32(at + 8) !== BYTE_ORDER)
    throw new DecodeError('a section without byte order', at);
  state.little = little;
  state.interfaces = [];
}

function readInterface(state: State, body: Body): Interface {
  const linkType = u16(state, body, 0);
  const snaplen = u32(state, body, 4);
  let units = 1_000_000n;
  let offset = 0;
  for (let at = 8; body.from + at + 4 <= body.to; ) {
    const [code, length] = [u16(state, body, at), u16(state, body, at + 2)];
    if (code === OPTION.end) break;
    if (code === OPTION.resolution && length === 1) units = unitsOf(u8(state, body, at + 4));
    if (code === OPTION.offset && length === 8) offset = Number(i64(state, body, at + 4));
    at += 4 + padded(length);
  }
  return { linkType, snaplen, units, offset };
}

/** `if_tsresol`: a power of ten, or of two with the top bit. */
function unitsOf(value: number): bigint {
  return (value & 0x80) === 0 ? 10n ** BigInt(value) : 2n ** BigInt(value & 0x7f);
}

function readPacket(state: State, body: Body, id: number): void {
  const from = interfaceOf(state, body, id);
  const ticks = (BigInt(u32(state, body, 4)) << 32n) | BigInt(u32(state, body, 8));
  const here = u32(state, body, 12);
  push(state, body, 20, { from, here, length: u32(state, body, 16), at: timeOf(from, ticks) });
}

/** It has no time: that of the packet before it is the best that is known. */
function readSimplePacket(state: State, body: Body): void {
  const from = interfaceOf(state, body, 0);
  const length = u32(state, body, 0);
  const here = Math.min(length, from.snaplen === 0 ? length : from.snaplen, body.to - body.from - 4);
  push(state, body, 4, { from, here, length, at: state.frames.at(-1)?.at ?? 0 });
}

type Packet = {
  readonly from: Interface;
  readonly here: number;
  readonly length: number;
  readonly at: number;
};

function push(state: State, body: Body, skip: number, { from, here, length, at }: Packet): void {
  const start = body.from + skip;
  if (here > MAX_FRAME || start + here > body.to)
    throw new DecodeError(`a packet claims ${here} bytes`, body.from);
  state.frames.push({
    number: state.frames.length + 1,
    at,
    linkType: from.linkType,
    bytes: state.bytes.subarray(start, start + here),
    length: Math.max(here, length),
  });
}

function interfaceOf(state: State, body: Body, id: number): Interface {
  const found = state.interfaces[id];
  if (found === undefined) throw new DecodeError(`a packet of interface ${id}, which is unknown`, body.from);
  return found;
}

/** Nanoseconds since 1970 do not fit into a double, the milliseconds do. */
function timeOf({ units, offset }: Interface, ticks: bigint): number {
  return (Number(ticks / units) + offset) * 1000 + (Number(ticks % units) / Number(units)) * 1000;
}

function padded(length: number): number {
  return (length + 3) & ~3;
}

function within(body: Body, at: number, length: number): number {
  if (body.from + at + length > body.to) throw new DecodeError('a block is too short', body.from);
  return body.from + at;
}

function u8({ view }: State, body: Body, at: number): number {
  return view.getUint8(within(body, at, 1));
}

function u16({ view, little }: State, body: Body, at: number): number {
  return view.getUint16(within(body, at, 2), little);
}

function u32({ view, little }: State, body: Body, at: number): number {
  return view.getUint32(within(body, at, 4), little);
}

function i64({ view, little }: State, body: Body, at: number): bigint {
  return view.getBigInt64(within(body, at, 8), little);
}
