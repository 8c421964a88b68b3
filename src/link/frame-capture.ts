/** Hears every frame of one machine on a link, for a recording; needs CAP_NET_RAW. */

import { formatMac, type Mac, macBytes } from '../net/mac.ts';
import { machineFilter } from './frame-filter.ts';
import { loadNative, type Native, type Poll } from './native.ts';
import type { Link } from './types.ts';

/** Some milliseconds of a fast link, in which nobody may come to read. */
const BUFFER = 16 << 20;
/** Of what had arrived at the end. */
const MOST_BATCHES = 1000;

export type FrameCapture = { close(): void };
/** `bytes` with the Ethernet header, valid during the call only. */
export type OnFrame = (bytes: Uint8Array, link: Link) => void;

/**
 * All links or none. Undefined where it cannot be done: no Linux, no koffi, no CAP_NET_RAW.
 * Rejects with what else the system says.
 */
export async function openFrameCapture(
  links: readonly Link[],
  mac: Mac,
  onFrame: OnFrame,
): Promise<FrameCapture | undefined> {
  const native = await loadNative();
  if (native === undefined) return undefined;
  const opened: FrameCapture[] = [];
  const close = () => {
    for (const one of opened.splice(0)) one.close();
  };
  try {
    for (const link of links) opened.push(new LinkCapture(native, link, mac, onFrame));
    return { close };
  } catch (error) {
    close();
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPERM' || code === 'EACCES') return undefined;
    throw error;
  }
}

class LinkCapture implements FrameCapture {
  readonly #native: Native;
  readonly #link: Link;
  readonly #mac: Mac;
  readonly #onFrame: OnFrame;
  readonly #fd: number;
  readonly #poll: Poll;
  #receiving: NodeJS.Immediate | undefined;
  #closed = false;

  constructor(native: Native, link: Link, mac: Mac, onFrame: OnFrame) {
    this.#native = native;
    this.#link = link;
    this.#mac = mac;
    this.#onFrame = onFrame;
    this.#fd = native.openFrames(native.interfaceIndex(link.name), machineFilter(macBytes(mac)), BUFFER);
    try {
      this.#poll = native.poll(this.#fd);
    } catch (error) {
      native.close(this.#fd);
      throw error;
    }
    // As in native-port.ts: the callback runs where no JavaScript is expected.
    this.#poll.start({ readable: true, writable: false }, () => {
      this.#receiving ??= setImmediate(() => {
        this.#receiving = undefined;
        this.#receive();
      });
    });
  }

  /** What has arrived is still told. */
  close(): void {
    if (this.#closed) return;
    for (let left = MOST_BATCHES; left > 0 && this.#receive() > 0; left--);
    this.#closed = true;
    clearImmediate(this.#receiving);
    this.#poll.close();
    this.#native.close(this.#fd);
  }

  /** @returns how many frames had arrived */
  #receive(): number {
    if (this.#closed) return 0;
    try {
      const frames = this.#native.receive(this.#fd);
      for (const { bytes } of frames) if (isOf(bytes, this.#mac)) this.#onFrame(bytes, this.#link);
      return frames.length;
    } catch {
      // ENETDOWN, once, when the interface goes down; it is heard again when it comes up.
      return 0;
    }
  }
}

const UDP_PAYLOAD = 14 + 20 + 8;
const CHADDR = UDP_PAYLOAD + 28;

/** DHCP that was let through may be about another machine. */
function isOf(frame: Uint8Array, mac: Mac): boolean {
  if (frame.length < 14) return false;
  if (formatMac(frame.subarray(0, 6)) === mac || formatMac(frame.subarray(6, 12)) === mac) return true;
  return frame.length >= CHADDR + 6 && formatMac(frame.subarray(CHADDR, CHADDR + 6)) === mac;
}
