import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { negotiate, parseRanges } from './range.ts';

const part = (start: number, length: number) => ({ start, length });
const parts = (...all: ReturnType<typeof part>[]) => ({ kind: 'parts', parts: all });

describe('parseRanges', () => {
  it.each([
    [undefined, { kind: 'whole' }],
    ['bytes=0-', parts(part(0, 100))],
    ['bytes=0-0', parts(part(0, 1))],
    ['BYTES= 10-19 ', parts(part(10, 10))],
    ['bytes=90-200', parts(part(90, 10))],
    ['bytes=-10', parts(part(90, 10))],
    ['bytes=-1000', parts(part(0, 100))],
    ['bytes=100-', { kind: 'unsatisfiable' }],
    ['bytes=99999999999999999999999-', { kind: 'unsatisfiable' }],
    ['bytes=-0', { kind: 'unsatisfiable' }],
    // Several: in the order asked, without those outside, the ones that touch as one.
    ['bytes=0-1,5-6', parts(part(0, 2), part(5, 2))],
    ['bytes=50-59, ,0-9,', parts(part(50, 10), part(0, 10))],
    ['bytes=0-1,100-200,-1', parts(part(0, 2), part(99, 1))],
    ['bytes=100-,-0', { kind: 'unsatisfiable' }],
    ['bytes=0-9,10-19', parts(part(0, 20))],
    ['bytes=50-59,0-9,5-55', parts(part(0, 60))],
    ['bytes=20-29,0-4,25-39,60-69', parts(part(20, 20), part(0, 5), part(60, 10))],
    // Ignored, as RFC 9110 §14.2 allows: syntax errors, other units, too many.
    ['bytes=5-2', { kind: 'whole' }],
    ['bytes=0-1,5-2', { kind: 'whole' }],
    ['bytes=200-100', { kind: 'whole' }],
    ['bytes=', { kind: 'whole' }],
    ['bytes=,', { kind: 'whole' }],
    ['bytes=-', { kind: 'whole' }],
    ['bytes=a-b', { kind: 'whole' }],
    ['bytes=1.5-', { kind: 'whole' }],
    ['items=0-5', { kind: 'whole' }],
    [`bytes=${Array.from({ length: 17 }, (_, i) => `${5 * i}-${5 * i}`)}`, { kind: 'whole' }],
  ])('%s of 100 bytes', (header, expected) => {
    expect(parseRanges(header, 100)).toEqual(expected);
  });

  it('has nothing to give of an empty body', () => {
    expect(parseRanges('bytes=0-', 0)).toEqual({ kind: 'unsatisfiable' });
    expect(parseRanges('bytes=-5,0-1', 0)).toEqual({ kind: 'unsatisfiable' });
  });

  it('gives the very bytes that slicing does', () => {
    const pair = fc.tuple(fc.nat(60), fc.nat(20)).map(([first, more]) => [first, first + more] as const);
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1, maxLength: 16 }), (pairs) => {
        const size = 50;
        const header = `bytes=${pairs.map(([first, last]) => `${first}-${last}`)}`;
        const wanted = new Set<number>();
        for (const [first, last] of pairs) for (let i = first; i <= last && i < size; i++) wanted.add(i);
        const ranges = parseRanges(header, size);
        const got = (ranges.kind === 'parts' ? ranges.parts : []).flatMap(({ start, length }) =>
          Array.from({ length }, (_, i) => start + i),
        );
        // Every byte that was asked for, and none twice.
        expect([...got].sort((a, b) => a - b)).toEqual([...wanted].sort((a, b) => a - b));
      }),
    );
  });

  it('stays inside the body whatever is asked', () => {
    const anything = fc.oneof(fc.string(), fc.stringMatching(/^bytes=[-0-9, ]{0,30}$/));
    fc.assert(
      fc.property(anything, fc.nat(), (header, size) => {
        const ranges = parseRanges(header, size);
        for (const { start, length } of ranges.kind === 'parts' ? ranges.parts : []) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(length).toBeGreaterThan(0);
          expect(start + length).toBeLessThanOrEqual(size);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('negotiate', () => {
  const modified = Date.UTC(2026, 0, 1, 12, 0, 0, 500);
  const date = 'Thu, 01 Jan 2026 12:00:00 GMT';
  const before = 'Thu, 01 Jan 2026 11:59:59 GMT';
  const file = { etag: '"a"', modified, size: 100 };
  const get = { head: false, conditional: true, now: modified + 60_000 };
  const status = (headers: Record<string, string>, options = get) => negotiate(headers, file, options).status;

  it('gives a part only of the file the client has', () => {
    const range = 'bytes=50-';
    expect(negotiate({ range }, file, get)).toEqual({ status: 206, parts: [part(50, 50)] });
    expect(status({ range, 'if-range': '"a"' })).toBe(206);
    expect(status({ range, 'if-range': '"b"' })).toBe(200);
    expect(status({ range, 'if-range': 'W/"a"' })).toBe(200);
    expect(status({ range, 'if-range': date })).toBe(206);
    expect(status({ range, 'if-range': before })).toBe(200);
    expect(status({ range, 'if-range': date }, { ...get, now: modified + 400 })).toBe(200);
    expect(status({ range, 'if-range': 'nonsense' })).toBe(200);
    expect(status({ range: 'bytes=100-', 'if-range': '"b"' })).toBe(200);
    expect(negotiate({ range: 'bytes=100-' }, file, get)).toEqual({ status: 416, range: 'bytes=100-' });
  });

  it('ignores a range on HEAD', () => {
    expect(negotiate({ range: 'bytes=5-' }, file, { ...get, head: true })).toEqual({ status: 200 });
  });

  it('answers 304 and 412 to those who can use them', () => {
    expect(status({ 'if-none-match': '"x", W/"a"' })).toBe(304);
    expect(status({ 'if-none-match': '*' })).toBe(304);
    expect(status({ 'if-none-match': '"x"', 'if-modified-since': date })).toBe(200);
    expect(status({ 'if-modified-since': date })).toBe(304);
    expect(status({ 'if-modified-since': before })).toBe(200);
    expect(status({ 'if-modified-since': 'yesterday' })).toBe(200);
    expect(status({ 'if-match': '"x"' })).toBe(412);
    expect(status({ 'if-match': 'W/"a"' })).toBe(412);
    expect(status({ 'if-match': '"a"' })).toBe(200);
    expect(status({ 'if-unmodified-since': before })).toBe(412);
    expect(status({ 'if-none-match': '"a"' }, { ...get, conditional: false })).toBe(200);
  });
});
