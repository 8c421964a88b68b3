/** What captures hold: frames with their times, whatever wrote them. */

export type Frame = {
  /** From 1, as tshark and Wireshark count. */
  readonly number: number;
  /** Epoch milliseconds, with what the file has below them. */
  readonly at: number;
  /** What the bytes begin with: LINKTYPE_… of https://www.tcpdump.org/linktypes.html. */
  readonly linkType: number;
  /** A view into the file. */
  readonly bytes: Uint8Array;
  /** Bytes that were on the wire; more than `bytes` has when the capture cut it (snaplen). */
  readonly length: number;
};

/** What a file is read into; it ends at the first damage. */
export type Frames = {
  readonly frames: readonly Frame[];
  /** What is wrong with the file behind the last frame; undefined when it is whole. */
  readonly damage: string | undefined;
};

/** libpcap's MAXIMUM_SNAPLEN: a longer frame is damage, not a frame. */
export const MAX_FRAME = 262_144;
