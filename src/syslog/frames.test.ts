import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Frames, MAX_FRAME } from './frames.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const texts = (lines: readonly Uint8Array[]) => lines.map((line) => new TextDecoder().decode(line));

/** In pieces of these sizes, over and over. */
function pushed(stream: Uint8Array, sizes: readonly number[]): readonly string[] {
  const frames = new Frames();
  const lines: Uint8Array[] = [];
  for (let at = 0, i = 0; at < stream.length; i++) {
    const size = sizes[i % sizes.length]!;
    lines.push(...frames.push(stream.subarray(at, at + size)).map((line) => line.slice()));
    at += size;
  }
  return texts(lines);
}

describe('Frames', () => {
  it.each([
    ['<13>one\n<13>two\n<13>cut', ['<13>one', '<13>two']],
    ['7 <13>one9 <13>two\nx', ['<13>one', '<13>two\nx']],
    ['\n\n<13>one\n', ['<13>one']],
    ['12345678 <13>no length\n', ['12345678 <13>no length']],
  ])('%j', (stream, lines) => {
    for (const sizes of [[1], [3], [1000]]) expect(pushed(bytes(stream), sizes)).toEqual(lines);
  });

  it('cuts lines that are too long, and goes on behind them', () => {
    const long = 'x'.repeat(3 * MAX_FRAME);
    for (const sizes of [[1000], [MAX_FRAME], [10 * MAX_FRAME]]) {
      const expected = ['x'.repeat(MAX_FRAME), '<13>next'];
      expect(pushed(bytes(`${long}\n<13>next\n`), sizes)).toEqual(expected);
      expect(pushed(bytes(`${long.length} ${long}8 <13>next`), sizes)).toEqual(expected);
    }
  });

  it('finds the same lines however the stream is cut, and none that is too long', () => {
    const stream = fc
      .array(fc.constantFrom('<13>a', '\n', '7 ', '20000 ', 'x'.repeat(5000), '0'), { maxLength: 12 })
      .map((parts) => bytes(parts.join('')));
    const sizes = fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(stream, sizes, (whole, cut) => {
        const lines = pushed(whole, cut);
        expect(lines).toEqual(pushed(whole, [1_000_000]));
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(MAX_FRAME);
      }),
      { numRuns: 60 },
    );
  });
});
