/** Reads the captures of test/fixtures/captures: classic pcap, Ethernet, IPv4, UDP; anything else is skipped. */

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

type Captured = {
  /** Number of the frame in the capture, from 1. */
  readonly frame: number;
  /** Seconds since the epoch. */
  readonly at: number;
  readonly source: string;
  readonly sourcePort: number;
  readonly target: string;
  readonly targetPort: number;
  /** UDP payload. */
  readonly bytes: Uint8Array;
};

const CAPTURES = fileURLToPath(new URL('./fixtures/captures/', import.meta.url));

/** File names, without directory. */
export function captureNames(): string[] {
  return readdirSync(CAPTURES)
    .filter((name) => name.endsWith('.pcap'))
    .sort();
}

export function readCapture(name: string): Captured[] {
  return parsePcap(readFileSync(`${CAPTURES}${name}`));
}

const IPV4 = 0x0800;
const UDP = 17;

function parsePcap(file: Uint8Array): Captured[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const magic = view.getUint32(0, true);
  const little = magic === 0xa1b2c3d4 || magic === 0xa1b23c4d;
  const nanoseconds = magic === 0xa1b23c4d || view.getUint32(0) === 0xa1b23c4d;
  if (view.getUint32(20, little) !== 1) throw new Error('not an Ethernet capture');
  const datagrams: Captured[] = [];
  let frame = 0;
  for (let at = 24; at + 16 <= file.length; ) {
    const length = view.getUint32(at + 8, little);
    const seconds = view.getUint32(at, little) + view.getUint32(at + 4, little) / (nanoseconds ? 1e9 : 1e6);
    const datagram = parseFrame(file.subarray(at + 16, at + 16 + length));
    frame++;
    if (datagram !== undefined) datagrams.push({ frame, at: seconds, ...datagram });
    at += 16 + length;
  }
  return datagrams;
}

function parseFrame(frame: Uint8Array): Omit<Captured, 'frame' | 'at'> | undefined {
  const u16 = (at: number) => (frame[at]! << 8) | frame[at + 1]!;
  const address = (at: number) => frame.subarray(at, at + 4).join('.');
  if (frame.length < 42 || u16(12) !== IPV4 || frame[23] !== UDP) return undefined;
  const udp = 14 + (frame[14]! & 15) * 4;
  return {
    source: address(26),
    target: address(30),
    sourcePort: u16(udp),
    targetPort: u16(udp + 2),
    bytes: new Uint8Array(frame.subarray(udp + 8, udp + u16(udp + 4))),
  };
}
