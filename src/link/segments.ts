/** Runs of datagrams (`Outgoing.segment`) cut into what one message may hold. */

import type { Outgoing } from './types.ts';

/** UDP_MAX_SEGMENTS of the kernel; newer ones take 128. */
const MAX_SEGMENTS = 64;
/** The largest UDP payload; a message is one to the kernel until it is cut. */
const MAX_PAYLOAD = 65_507;

/**
 * @param largest segments above this size go one by one: nothing cuts them on the way
 * @returns `batch` itself where nothing is to be cut
 */
export function messagesOf(batch: readonly Outgoing[], largest: number): readonly Outgoing[] {
  return batch.some((item) => item.bytes.length > messageBytes(item, largest))
    ? batch.flatMap((item) => cut(item, messageBytes(item, largest)))
    : batch;
}

/** Each datagram by itself. */
export function datagramsOf(item: Outgoing): readonly Outgoing[] {
  return item.segment === undefined ? [item] : cut(item, item.segment);
}

function messageBytes({ bytes, segment }: Outgoing, largest: number): number {
  if (segment === undefined) return bytes.length;
  if (segment > largest) return segment;
  return segment * Math.max(1, Math.min(MAX_SEGMENTS, Math.floor(MAX_PAYLOAD / segment)));
}

function cut(item: Outgoing, size: number): readonly Outgoing[] {
  const { bytes } = item;
  if (bytes.length <= size) return [item];
  const pieces: Outgoing[] = [];
  for (let at = 0; at < bytes.length; at += size)
    pieces.push({ ...item, bytes: bytes.subarray(at, at + size) });
  return pieces;
}
