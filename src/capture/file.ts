/** A capture in either format. */

import { DecodeError } from '../net/bytes.ts';
import { isPcap, readPcap } from './pcap.ts';
import { isPcapng, readPcapng } from './pcapng.ts';
import type { Frames } from './types.ts';

export type CaptureFile = Frames & { readonly format: 'pcap' | 'pcapng' };

/**
 * A file that is damaged somewhere gives the frames before that place.
 * @throws {DecodeError} for what is no capture at all.
 */
export function readCaptureFile(bytes: Uint8Array): CaptureFile {
  if (isPcap(bytes)) return { format: 'pcap', ...readPcap(bytes) };
  if (isPcapng(bytes)) return { format: 'pcapng', ...readPcapng(bytes) };
  if (bytes.length === 0) throw new DecodeError('the file is empty', 0);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b)
    throw new DecodeError('the file is compressed: unpack it with gunzip', 0);
  throw new DecodeError('neither pcap nor pcapng', 0);
}
