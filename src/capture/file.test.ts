import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../net/bytes.ts';
import { readConversation } from './conversation.ts';
import { readCaptureFile } from './file.ts';
import { LINKTYPE } from './link-layer.ts';
import { eventJson, eventLines } from './words.ts';
import { pcapngInterface, pcapngPacket, pcapngSection } from './write.ts';

const HEADER = new Uint8Array(
  Buffer.concat([pcapngSection('test'), pcapngInterface(LINKTYPE.ethernet, 'eth0')]),
);

const REAL = new Uint8Array(
  readFileSync(new URL('../../test/golden/captures/Balt-lpxelinux.pcap', import.meta.url)),
);

type Record = {
  readonly seconds: number;
  readonly fraction: number;
  readonly bytes: Uint8Array;
  readonly length: number;
};

function pcap(records: readonly Record[], little: boolean, magic = 0xa1b2c3d4, linkType = 1): Uint8Array {
  const words = (...values: number[]) => {
    const bytes = new Uint8Array(values.length * 4);
    for (const [i, value] of values.entries()) new DataView(bytes.buffer).setUint32(i * 4, value, little);
    return bytes;
  };
  const parts: Uint8Array[] = [words(magic, 0x00020004, 0, 0, 65_535, linkType)];
  for (const { seconds, fraction, bytes, length } of records)
    parts.push(words(seconds, fraction, bytes.length, length), bytes);
  return new Uint8Array(Buffer.concat(parts));
}

const record = fc.record({
  seconds: fc.nat(0xffffffff),
  fraction: fc.nat(999_999),
  bytes: fc.uint8Array({ maxLength: 64 }),
  length: fc.nat(9000),
});

describe('a pcap file', () => {
  it('is read in both byte orders and both resolutions', () => {
    fc.assert(
      fc.property(fc.array(record), fc.boolean(), fc.boolean(), (records, little, nanoseconds) => {
        const file = pcap(records, little, nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4);
        const { frames, damage, format } = readCaptureFile(file);
        expect([format, damage]).toEqual(['pcap', undefined]);
        expect(frames.map(({ bytes }) => [...bytes])).toEqual(records.map(({ bytes }) => [...bytes]));
        expect(frames.map(({ at }) => at)).toEqual(
          records.map(({ seconds, fraction }) => seconds * 1000 + fraction / (nanoseconds ? 1e6 : 1e3)),
        );
        for (const [i, { length, bytes }] of records.entries())
          expect(frames[i]).toMatchObject({ number: i + 1, length: Math.max(length, bytes.length) });
      }),
    );
  });

  it('that is cut anywhere gives the frames before, and says so', () => {
    const whole = readCaptureFile(REAL).frames;
    const ends = new Set(whole.map(({ bytes }) => bytes.byteOffset + bytes.length));
    for (let end = 25; end < REAL.length; end += 37) {
      const { frames, damage } = readCaptureFile(REAL.subarray(0, end));
      expect(frames).toEqual(whole.slice(0, frames.length));
      if (ends.has(end)) expect(damage).toBeUndefined();
      else expect(damage).toMatch(/^the file ends in the middle of frame/);
    }
  });

  it('that claims a frame of a gigabyte is damaged there', () => {
    const file = pcap([{ seconds: 0, fraction: 0, bytes: Uint8Array.of(1), length: 1 }], true);
    new DataView(file.buffer).setUint32(24 + 8, 2 ** 30, true);
    expect(readCaptureFile(file)).toMatchObject({
      frames: [],
      damage: 'frame 1 claims 1073741824 bytes at byte 24',
    });
  });
});

describe('a pcapng file', () => {
  it('that we wrote is what we read', () => {
    const frame = fc.record({
      at: fc.integer({ min: 0, max: 4e12 }),
      bytes: fc.uint8Array({ maxLength: 64 }),
      cut: fc.nat(100),
    });
    fc.assert(
      fc.property(fc.array(frame), fc.option(fc.string(), { nil: undefined }), (written, comment) => {
        const blocks = written.map(({ at, bytes, cut }) =>
          pcapngPacket(bytes, at, { length: bytes.length + cut, comment }),
        );
        const file = Buffer.concat([HEADER, ...blocks]);
        const { frames, damage, format } = readCaptureFile(file);
        expect([format, damage]).toEqual(['pcapng', undefined]);
        expect(
          frames.map(({ at, bytes, length, linkType }) => ({ at, bytes: [...bytes], length, linkType })),
        ).toEqual(
          written.map(({ at, bytes, cut }) => ({
            at,
            bytes: [...bytes],
            length: bytes.length + cut,
            linkType: 1,
          })),
        );
      }),
    );
  });

  it('has nanoseconds, powers of two, offsets, simple and obsolete packets, big-endian sections', () => {
    const big = new BigEndian();
    big.block(0x0a0d0d0a, [0x1a2b3c4d, 0x00010000, 0xffffffff, 0xffffffff]);
    // Interface of raw IP: resolution 2^-10 s, offset 1000 s.
    big.block(1, [(101 << 16) >>> 0, 4, 0x00090001, 0x8a000000, 0x000e0008, 0, 1000, 0]);
    big.block(6, [0, 0, 1024 * 5 + 512, 2, 60, 0xabcd0000]);
    big.block(2, [0, 0, 1024 * 6, 3, 3, 0x01020300]);
    big.block(3, [9, 0x0a0b0c0d]);
    big.block(0x0bad, [1, 2, 3]);
    const { frames, damage } = readCaptureFile(big.file());
    expect(damage).toBeUndefined();
    expect(frames.map(({ at, bytes, length, linkType }) => [at, [...bytes], length, linkType])).toEqual([
      [1_005_500, [0xab, 0xcd], 60, 101],
      [1_006_000, [1, 2, 3], 3, 101],
      [1_006_000, [10, 11, 12, 13], 9, 101],
    ]);
  });

  it('that is wrong inside says where', () => {
    const header = HEADER;
    const packet = pcapngPacket(Uint8Array.of(1, 2, 3), 0);
    const damaged = (change: (view: DataView) => void) => {
      const file = new Uint8Array(Buffer.concat([header, packet, packet]));
      change(new DataView(file.buffer, header.length + packet.length));
      return readCaptureFile(file);
    };
    expect(damaged((view) => view.setUint32(4, 13, true)).damage).toMatch(/^no block is 13 bytes long/);
    expect(damaged((view) => view.setUint32(8, 7, true)).damage).toMatch(/^a packet of interface 7/);
    expect(damaged((view) => view.setUint32(20, 4000, true)).damage).toMatch(/^a packet claims 4000 bytes/);
    expect(damaged((view) => view.setUint32(packet.length - 4, 0, true)).damage).toMatch(/two lengths/);
    expect(damaged((view) => view.setUint32(4, 40, true)).frames).toHaveLength(1);
  });
});

describe('what is no capture', () => {
  it.each([
    ['nothing', '', 'the file is empty at byte 0'],
    ['text', 'hello, world', 'neither pcap nor pcapng at byte 0'],
    ['gzip', '\x1f\x8b\x08', 'the file is compressed: unpack it with gunzip at byte 0'],
    ['half a header', '\xd4\xc3\xb2\xa1\x02\x00', 'the header of the file is cut off at byte 6'],
  ])('%s', (_, text, message) => {
    expect(() => readCaptureFile(Buffer.from(text, 'latin1'))).toThrow(
      new DecodeError(message.replace(/ at byte \d+$/, ''), Number(/\d+$/.exec(message))),
    );
  });
});

describe('whatever a file holds', () => {
  const told = (file: Uint8Array) => {
    try {
      const { events, began } = readConversation(readCaptureFile(file).frames);
      for (const event of events) {
        expect(eventLines(event, began).join('')).not.toMatch(/\p{Cc}/u);
        JSON.stringify(eventJson(event));
      }
    } catch (error) {
      expect(error).toBeInstanceOf(DecodeError);
    }
  };

  it('it is told of, or refused with a DecodeError', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => told(bytes)));
    const frames = fc.array(fc.uint8Array({ maxLength: 120 }), { maxLength: 8 });
    const linkType = fc.constantFrom(...Object.values(LINKTYPE));
    fc.assert(
      fc.property(frames, linkType, (all, type) =>
        told(
          pcap(
            all.map((bytes) => ({ seconds: 1, fraction: 0, bytes, length: bytes.length })),
            true,
            0xa1b2c3d4,
            type,
          ),
        ),
      ),
    );
  });

  it('and so is a real one with bytes changed', () => {
    const change = fc.tuple(fc.nat(REAL.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 60 }), (changes) => {
        const file = REAL.slice();
        for (const [at, value] of changes) file[at] = value;
        told(file);
      }),
      { numRuns: 60 },
    );
  });
});

class BigEndian {
  private readonly parts: Uint8Array[] = [];

  block(type: number, words: readonly number[]): void {
    const length = 12 + words.length * 4;
    const bytes = Buffer.alloc(length);
    for (const [i, word] of [type, length, ...words, length].entries())
      bytes.writeUInt32BE(word >>> 0, i * 4);
    this.parts.push(bytes);
  }

  file(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.parts));
  }
}
