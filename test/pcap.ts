/** The UDP datagrams of the captures in test/golden/captures. */

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readCaptureFile } from '../src/capture/file.ts';
import { decodeIpv4, decodeUdp, type Ipv4Packet, PROTOCOL } from '../src/capture/ipv4.ts';
import { ETHERTYPE, unframe } from '../src/capture/link-layer.ts';
import { formatIpv4 } from '../src/net/ip.ts';

type Captured = {
  /** Number of the frame in the capture, from 1. */
  readonly frame: number;
  /** Seconds since the epoch. */
  readonly at: number;
  readonly source: string;
  readonly sourcePort: number;
  readonly target: string;
  readonly targetPort: number;
  /** UDP payload, on memory of its own. */
  readonly bytes: Uint8Array;
};

export const CAPTURES = fileURLToPath(new URL('./golden/captures/', import.meta.url));

/** File names, without directory. */
export function captureNames(): string[] {
  return readdirSync(CAPTURES)
    .filter((name) => /\.pcap(ng)?$/.test(name))
    .sort();
}

export function readCapture(name: string): Captured[] {
  return capturedPackets(name).flatMap(({ frame, at, packet }) => {
    if (packet.protocol !== PROTOCOL.udp) return [];
    const { sourcePort, targetPort, payload } = decodeUdp(packet);
    const [source, target] = [formatIpv4(packet.source), formatIpv4(packet.target)];
    return [{ frame, at, source, target, sourcePort, targetPort, bytes: new Uint8Array(payload) }];
  });
}

type CapturedPacket = {
  readonly frame: number;
  readonly at: number;
  /** With its header, and what Ethernet padded behind it. */
  readonly bytes: Uint8Array;
  readonly packet: Ipv4Packet;
};

/** The IPv4 packets of a capture. */
export function capturedPackets(name: string): CapturedPacket[] {
  const { frames } = readCaptureFile(readFileSync(`${CAPTURES}${name}`));
  return frames.flatMap((frame) => {
    const unframed = unframe(frame);
    if (unframed?.etherType !== ETHERTYPE.ipv4) return [];
    const packet = decodeIpv4(unframed.payload, unframed.length);
    return [{ frame: frame.number, at: frame.at / 1000, bytes: unframed.payload, packet }];
  });
}
