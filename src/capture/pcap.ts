/**
 * libpcap's format (draft-ietf-opsawg-pcap): a header, then one record a frame, in the byte order of the machine that wrote it.
 *
 *     | magic | 2.4 | zone | accuracy | snaplen | link type |
 *     | seconds | micro- or nanoseconds | bytes here | bytes on the wire | frame … |
 */

import { DecodeError } from '../net/bytes.ts';
import { type Frame, type Frames, MAX_FRAME } from './types.ts';

const HEADER = 24;
const RECORD = 16;
const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;

type Form = { readonly little: boolean; readonly unitsPerMs: number };

export function isPcap(bytes: Uint8Array): boolean {
  return formOf(bytes) !== undefined;
}

/** @throws {DecodeError} when the header is cut off. */
export function readPcap(bytes: Uint8Array): Frames {
  const form = formOf(bytes);
  if (form === undefined) throw new DecodeError('no pcap magic number', 0);
  if (bytes.length < HEADER) throw new DecodeError('the header of the file is cut off', bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const u32 = (at: number) => view.getUint32(at, form.little);
  // The upper bits say how many bytes of checksum follow each frame.
  const linkType = u32(20) & 0xffff;
  const frames: Frame[] = [];
  let at = HEADER;
  while (at < bytes.length) {
    if (at + RECORD > bytes.length) return { frames, damage: cutOff(frames, at) };
    const [here, length] = [u32(at + 8), u32(at + 12)];
    if (here > MAX_FRAME)
      return { frames, damage: `frame ${frames.length + 1} claims ${here} bytes at byte ${at}` };
    const end = at + RECORD + here;
    if (end > bytes.length) return { frames, damage: cutOff(frames, at) };
    frames.push({
      number: frames.length + 1,
      at: u32(at) * 1000 + u32(at + 4) / form.unitsPerMs,
      linkType,
      bytes: bytes.subarray(at + RECORD, end),
      length: Math.max(here, length),
    });
    at = end;
  }
  return { frames, damage: undefined };
}

function cutOff(frames: readonly Frame[], at: number): string {
  return `the file ends in the middle of frame ${frames.length + 1}, at byte ${at}`;
}

function formOf(bytes: Uint8Array): Form | undefined {
  if (bytes.length < 4) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 4);
  for (const little of [true, false]) {
    const magic = view.getUint32(0, little);
    if (magic === MICROSECONDS) return { little, unitsPerMs: 1e3 };
    if (magic === NANOSECONDS) return { little, unitsPerMs: 1e6 };
  }
  return undefined;
}
