import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { negotiate, parseRange } from './range.ts';

describe('parseRange', () => {
  it.each([
    [undefined, { kind: 'whole' }],
    ['bytes=0-', { kind: 'part', start: 0, end: 99 }],
    ['bytes=0-0', { kind: 'part', start: 0, end: 0 }],
    ['BYTES= 10-19 ', { kind: 'part', start: 10, end: 19 }],
    ['bytes=90-200', { kind: 'part', start: 90, end: 99 }],
    ['bytes=-10', { kind: 'part', start: 90, end: 99 }],
    ['bytes=-1000', { kind: 'part', start: 0, end: 99 }],
    ['bytes=100-', { kind: 'unsatisfiable' }],
    ['bytes=99999999999999999999999-', { kind: 'unsatisfiable' }],
    ['bytes=-0', { kind: 'unsatisfiable' }],
    // Ignored, as RFC 9110 §14.2 allows: syntax errors, other units, several ranges.
    ['bytes=5-2', { kind: 'whole' }],
    ['bytes=200-100', { kind: 'whole' }],
    ['bytes=', { kind: 'whole' }],
    ['bytes=-', { kind: 'whole' }],
    ['bytes=a-b', { kind: 'whole' }],
    ['bytes=1.5-', { kind: 'whole' }],
    ['items=0-5', { kind: 'whole' }],
    ['bytes=0-1,5-6', { kind: 'whole' }],
  ])('%s of 100 bytes', (header, expected) => {
    expect(parseRange(header, 100)).toEqual(expected);
  });

  it('has nothing to give of an empty body', () => {
    expect(parseRange('bytes=0-', 0)).toEqual({ kind: 'unsatisfiable' });
    expect(parseRange('bytes=-5', 0)).toEqual({ kind: 'unsatisfiable' });
  });

  it('gives the very bytes that slicing does', () => {
    const body = Array.from({ length: 50 }, (_, index) => index);
    fc.assert(
      fc.property(fc.nat(60), fc.nat(60), (first, last) => {
        const range = parseRange(`bytes=${first}-${last}`, body.length);
        const got = range.kind === 'part' ? body.slice(range.start, range.end + 1) : range.kind;
        if (last < first) expect(got).toBe('whole');
        else if (first >= body.length) expect(got).toBe('unsatisfiable');
        else expect(got).toEqual(body.slice(first, last + 1));
      }),
    );
  });

  it('stays inside the body whatever is asked', () => {
    const anything = fc.oneof(fc.string(), fc.stringMatching(/^bytes=[-0-9, ]{0,30}$/));
    fc.assert(
      fc.property(anything, fc.nat(), (header, size) => {
        const range = parseRange(header, size);
        if (range.kind !== 'part') return;
        expect(range.start).toBeGreaterThanOrEqual(0);
        expect(range.end).toBeGreaterThanOrEqual(range.start);
        expect(range.end).toBeLessThan(size);
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
    expect(negotiate({ range }, file, get)).toEqual({ status: 206, start: 50, length: 50 });
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
    expect(negotiate({ range: 'bytes=5-' }, file, { ...get, head: true })).toEqual({
      status: 200,
      start: 0,
      length: 100,
    });
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
