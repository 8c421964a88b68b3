import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frame, imageOf, packetBytes, packetsOf } from './image.ts';
import { decode } from './packet.ts';

function apart(packets: Uint8Array, blksize: number): Uint8Array[] {
  const size = packetBytes(blksize);
  return Array.from({ length: Math.ceil(packets.length / size) }, (_, i) =>
    packets.subarray(i * size, (i + 1) * size),
  );
}

describe('an image of a file', () => {
  it('is the DATA packets one after the other, with the block that ends it', () => {
    const files = fc.uint8Array({ maxLength: 600 });
    fc.assert(
      fc.property(files, fc.integer({ min: 8, max: 100 }), (bytes, blksize) => {
        const image = imageOf(bytes, blksize);
        const packets = apart(packetsOf(image, 1, image.count)!, blksize).map(decode);
        const blocks = packets.map((packet, i) => {
          if (packet.op !== 'data') throw new Error(packet.op);
          expect(packet.block).toBe(i + 1);
          expect(packet.data.length === blksize).toBe(i + 1 < image.count);
          return packet.data;
        });
        expect(Buffer.concat(blocks).equals(bytes)).toBe(true);
      }),
    );
  });

  it('numbers blocks modulo 65536', () => {
    const image = frame(new Uint8Array(24), 8, 65_535, 3);
    const blocks = apart(packetsOf(image, 65_535, 3)!, 8).map(decode);
    expect(blocks).toMatchObject([{ block: 65_535 }, { block: 0 }, { block: 1 }]);
  });

  it('gives nothing it does not hold', () => {
    const image = frame(new Uint8Array(24), 8, 10, 3);
    expect(packetsOf(image, 9, 1)).toBeUndefined();
    expect(packetsOf(image, 11, 3)).toBeUndefined();
    expect(packetsOf(image, 11, 2)).toHaveLength(2 * packetBytes(8));
  });
});
