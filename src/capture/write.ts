/** Writes pcapng, block by block, so that a file that is still being written can be read (`tshark -r`, `tail -f`). */

const LITTLE = true;
const RESOLUTION_NS = 9;

/** The start of a file. */
export function pcapngSection(program: string): Uint8Array {
  const version = [u16(1), u16(0)];
  return block(0x0a0d0d0a, [
    u32(0x1a2b3c4d),
    ...version,
    u32(0xffffffff),
    u32(0xffffffff),
    option(4, program),
    END,
  ]);
}

/** Interfaces are numbered from 0 in the order they are written in; times are nanoseconds. */
export function pcapngInterface(linkType: number, name: string): Uint8Array {
  const resolution = joined([u16(9), u16(1), Uint8Array.of(RESOLUTION_NS, 0, 0, 0)]);
  return block(1, [u16(linkType), u16(0), u32(0), option(2, name), resolution, END]);
}

export type PacketOptions = {
  /** Bytes on the wire, if those given are only the first of them. */
  readonly length?: number;
  /** Number of its interface; 0 unless given. */
  readonly from?: number;
  /** Shown with the packet by Wireshark. */
  readonly comment?: string | undefined;
};

/** One frame. `at`: epoch milliseconds, with fractions. */
export function pcapngPacket(
  bytes: Uint8Array,
  at: number,
  { length = bytes.length, from = 0, comment }: PacketOptions = {},
): Uint8Array {
  const whole = Math.floor(at);
  const ticks = BigInt(whole) * 1_000_000n + BigInt(Math.round((at - whole) * 1e6));
  return block(6, [
    u32(from),
    u32(Number(ticks >> 32n)),
    u32(Number(ticks & 0xffffffffn)),
    u32(bytes.length),
    u32(length),
    padded(bytes),
    ...(comment === undefined ? [] : [option(1, comment), END]),
  ]);
}

function block(type: number, parts: readonly Uint8Array[]): Uint8Array {
  const length = u32(12 + parts.reduce((sum, part) => sum + part.length, 0));
  return joined([u32(type), length, ...parts, length]);
}

function option(code: number, text: string): Uint8Array {
  const value = new TextEncoder().encode(text);
  return joined([u16(code), u16(value.length), padded(value)]);
}

function padded(bytes: Uint8Array): Uint8Array {
  const all = new Uint8Array((bytes.length + 3) & ~3);
  all.set(bytes);
  return all;
}

function u16(value: number): Uint8Array {
  const bytes = new Uint8Array(2);
  new DataView(bytes.buffer).setUint16(0, value, LITTLE);
  return bytes;
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, LITTLE);
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Of options. */
const END = u32(0);
