import { describe, expect, it } from 'vitest';
import { fromHex } from '../net/bytes.ts';
import { macBytes } from '../net/mac.ts';
import { encodeUdpPacket } from './frame.ts';
import { machineFilter } from './frame-filter.ts';

const MAC = '52:54:00:77:00:10';
const OTHER = '52:54:00:77:00:11';
const EVERYONE = 'ff:ff:ff:ff:ff:ff';

/** The machine of bpf(4), as far as the filter uses it. @returns bytes to keep */
function run(program: BigUint64Array, frame: Uint8Array): number {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  let [a, x] = [0, 0];
  for (let at = 0; at < program.length; at++) {
    const step = program[at]!;
    const [code, ifTrue, ifFalse] = [
      Number(step & 0xffffn),
      Number((step >> 16n) & 0xffn),
      Number((step >> 24n) & 0xffn),
    ];
    const value = Number(step >> 32n);
    const load = (from: number, size: number) => {
      if (from + size > frame.length) return false;
      a = size === 4 ? view.getUint32(from) : size === 2 ? view.getUint16(from) : view.getUint8(from);
      return true;
    };
    if (code === 0x06) return value;
    if (code === 0x15) at += a === value ? ifTrue : ifFalse;
    else if (code === 0x45) at += (a & value) !== 0 ? ifTrue : ifFalse;
    else if (code === 0xb1) x = (frame[value]! & 15) * 4;
    else {
      const known = { 32: load(value, 4), 40: 0, 48: 0, 72: 0 }[code];
      if (known === undefined) throw new Error(`there is no code ${code}`);
      const [from, size] =
        code === 0x48 ? [x + value, 2] : [value, code === 0x20 ? 4 : code === 0x28 ? 2 : 1];
      // The kernel drops what is too short for a load.
      if (!load(from, size)) return 0;
    }
  }
  throw new Error('the program has no end');
}

function frame(
  target: string,
  source: string,
  sourcePort: number,
  destinationPort: number,
  type = 0x0800,
): Uint8Array {
  const packet = encodeUdpPacket({
    source: 1,
    sourcePort,
    destination: 2,
    destinationPort,
    payload: new Uint8Array(8),
  });
  return Uint8Array.of(...macBytes(target), ...macBytes(source), type >> 8, type & 255, ...packet);
}

describe('the filter of a recording passes', () => {
  const filter = machineFilter(macBytes(MAC));
  const passes = (bytes: Uint8Array) => run(filter, bytes) > 0;

  it('everything from and to the machine', () => {
    expect(passes(frame(OTHER, MAC, 1, 2))).toBe(true);
    expect(passes(frame(MAC, OTHER, 1, 2))).toBe(true);
    expect(passes(frame(EVERYONE, MAC, 1, 2, 0x0806))).toBe(true);
    expect(passes(fromHex('5254007700105254007700110806'))).toBe(true);
  });

  it('DHCP of anybody, whose answers may be broadcasts', () => {
    for (const port of [67, 68, 4011]) {
      expect(passes(frame(EVERYONE, OTHER, port, 9))).toBe(true);
      expect(passes(frame(EVERYONE, OTHER, 9, port))).toBe(true);
    }
  });

  it('nothing else', () => {
    expect(passes(frame(EVERYONE, OTHER, 5353, 5353))).toBe(false);
    expect(passes(frame(OTHER, '52:54:01:77:00:10', 1, 2))).toBe(false);
    expect(passes(frame(EVERYONE, OTHER, 67, 68, 0x86dd))).toBe(false);
    const fragment = frame(EVERYONE, OTHER, 67, 68);
    fragment[21] = 5;
    expect(passes(fragment)).toBe(false);
    expect(passes(new Uint8Array(4))).toBe(false);
  });
});
