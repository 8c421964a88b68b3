import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capturedPackets } from '../../test/pcap.ts';
import { fromHex } from '../net/bytes.ts';
import { checksumOf, sumWords } from './checksum.ts';
import { encodeUdpPacket } from './frame.ts';
import { encodeRouterAdvertisement, linkLocalOf } from './router-advertisement.ts';

/** IPv4 packets with UDP in them, as a kernel or dhcpd made them. */
function udpPackets(name: string): Uint8Array[] {
  return capturedPackets(name)
    .filter(({ packet }) => packet.protocol === 17)
    .map(({ bytes, packet }) => bytes.subarray(0, 20 + packet.length));
}

/** Ours has its own identification, flags and TTL. */
function again(packet: Uint8Array): Uint8Array {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  return encodeUdpPacket({
    source: view.getUint32(12),
    destination: view.getUint32(16),
    sourcePort: view.getUint16(20),
    destinationPort: view.getUint16(22),
    payload: packet.subarray(28),
  });
}

function udpIsSummed(packet: Uint8Array): boolean {
  const pseudoHeader = sumWords(packet.subarray(12, 20)) + 17 + packet.length - 20;
  return checksumOf(sumWords(packet.subarray(20), pseudoHeader)) === 0;
}

describe('a UDP packet', () => {
  it('equals what dhcpd and iPXE sent on the wire', () => {
    const packets = udpPackets('C-managed.pcap').filter(udpIsSummed);
    expect(packets.length).toBeGreaterThan(5);
    for (const packet of packets) {
      const ours = again(packet);
      expect(ours.subarray(20)).toEqual(new Uint8Array(packet.subarray(20)));
      expect(ours.subarray(12, 20)).toEqual(new Uint8Array(packet.subarray(12, 20)));
      expect(ours.length).toBe(packet.length);
    }
  });

  it('has right checksums, whatever is in it', () => {
    const word = fc.nat(0xffffffff);
    const port = fc.nat(0xffff);
    fc.assert(
      fc.property(word, word, port, port, fc.uint8Array({ maxLength: 1472 }), (a, b, c, d, payload) => {
        const packet = encodeUdpPacket({
          source: a,
          destination: b,
          sourcePort: c,
          destinationPort: d,
          payload,
        });
        expect(checksumOf(sumWords(packet.subarray(0, 20)))).toBe(0);
        expect(udpIsSummed(packet)).toBe(true);
        expect(packet[26]! | packet[27]!).not.toBe(0);
        expect(packet.subarray(28)).toEqual(payload);
      }),
    );
  });
});

describe('the checksum', () => {
  it('is that of the example in RFC 1071 §3', () => {
    expect(sumWords(fromHex('0001f203f4f5f6f7'))).toBe(0x2ddf0);
    expect(checksumOf(0x2ddf0)).toBe(0x220d);
  });
});

describe('a router advertisement', () => {
  const mac = fromHex('525400123456');
  const packet = encodeRouterAdvertisement(linkLocalOf(mac), mac);

  it('comes from the EUI-64 of the interface', () => {
    expect(linkLocalOf(mac)).toEqual(fromHex('fe80000000000000505400fffe123456'));
  });

  it('is, byte for byte, what RFC 4861 draws', () => {
    const expected = [
      '60000000 0018 3a ff',
      'fe80000000000000505400fffe123456',
      'ff020000000000000000000000000001',
      '86 00 70ae 00 00 0000 00000000 00000000',
      '01 01 525400123456',
    ];
    expect(packet).toEqual(fromHex(expected.join('').replaceAll(' ', '')));
  });

  it('is no riddle to tshark', (ctx) => {
    if (spawnSync('tshark', ['--version']).error !== undefined) ctx.skip('needs tshark (Debian: tshark)');
    const directory = mkdtempSync(join(tmpdir(), 'chainboot-ra-'));
    try {
      const file = join(directory, 'ra.pcap');
      writeFileSync(file, rawIpCapture(packet));
      const fields = [
        'icmpv6.type',
        'icmpv6.checksum.status',
        'icmpv6.nd.ra.router_lifetime',
        '_ws.malformed',
      ];
      const wanted = fields.flatMap((field) => ['-e', field]);
      const printed = execFileSync('tshark', ['-r', file, '-T', 'fields', '-E', 'separator=/s', ...wanted], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      expect(printed.trim()).toBe('134 1 0');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

/** A pcap file of one packet without Ethernet header (link type 101, raw IP). */
function rawIpCapture(packet: Uint8Array): Uint8Array {
  const header = Buffer.alloc(40);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65535, 16);
  header.writeUInt32LE(101, 20);
  header.writeUInt32LE(packet.length, 32);
  header.writeUInt32LE(packet.length, 36);
  return Buffer.concat([header, packet]);
}
