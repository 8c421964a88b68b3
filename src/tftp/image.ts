/**
 * A file, or a piece of one, cut into ready DATA packets, header and block in one piece of memory, so that
 * sending copies nothing and clients with the same block size share it.
 */

import { OPCODE } from './packet.ts';
import { lastBlock } from './transfer.ts';

const HEADER = 4;

export type Image = {
  /** Packets of `HEADER + blksize` bytes one after the other; the last may be short. */
  readonly packets: Uint8Array;
  readonly blksize: number;
  /** Number of the first block in `packets`. */
  readonly first: number;
  readonly count: number;
};

/** All blocks of a whole file, with the short or empty one that ends it. */
export function imageOf(bytes: Uint8Array, blksize: number): Image {
  return frame(bytes, blksize, 1, lastBlock({ size: bytes.length, blksize }));
}

/**
 * @param bytes what blocks `first` to `first + count - 1` hold.
 */
export function frame(bytes: Uint8Array, blksize: number, first: number, count: number): Image {
  const packets = roomFor(bytes.length, count);
  payloadOf(packets, count).set(bytes);
  return frameInPlace(packets, blksize, first, count);
}

/** Memory for `count` packets that hold `length` bytes together. */
export function roomFor(length: number, count: number): Uint8Array {
  return new Uint8Array(length + count * HEADER);
}

/** Where the bytes go before {@link frameInPlace}: at the end, behind room for all headers. */
export function payloadOf(packets: Uint8Array, count: number): Uint8Array {
  return packets.subarray(count * HEADER);
}

/** Moves each block to its place and puts its header before it; one that has moved never covers one that has not. */
export function frameInPlace(packets: Uint8Array, blksize: number, first: number, count: number): Image {
  const from = count * HEADER;
  for (let i = 0; i < count; i++) {
    const at = i * (HEADER + blksize);
    packets.copyWithin(at + HEADER, from + i * blksize, from + (i + 1) * blksize);
    const block = (first + i) & 0xffff;
    packets[at] = 0;
    packets[at + 1] = OPCODE.data;
    packets[at + 2] = block >>> 8;
    packets[at + 3] = block;
  }
  return { packets, blksize, first, count };
}

/** `count` packets in one view, or undefined if the image does not hold all of them. */
export function packetsOf(image: Image, first: number, count: number): Uint8Array | undefined {
  if (first < image.first || first + count > image.first + image.count) return undefined;
  const step = HEADER + image.blksize;
  const at = (first - image.first) * step;
  return image.packets.subarray(at, at + count * step);
}

/** Bytes of a full packet: where a view of several is cut. */
export function packetBytes(blksize: number): number {
  return HEADER + blksize;
}
