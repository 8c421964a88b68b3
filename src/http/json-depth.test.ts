import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refuseDeepJson } from './json-depth.ts';

const TOO_DEEP = expect.objectContaining({ code: 'BODY_TOO_DEEP', status: 400 });

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('refuseDeepJson', () => {
  it('counts as deep as the parsed value is', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const depth = depthOf(JSON.parse(text));
        refuseDeepJson(text, depth);
        if (depth > 0) expect(() => refuseDeepJson(text, depth - 1)).toThrow(TOO_DEEP);
      }),
    );
  });

  it('does not count brackets in texts, with whatever is escaped there', () => {
    refuseDeepJson(JSON.stringify({ layout: '[[[[{{{{"\\"[[[[', '{"[\\': 1 }), 1);
    expect(() => refuseDeepJson('{"a\\\\":[[1]]}', 2)).toThrow(TOO_DEEP);
  });

  it('takes one look at a text that is made to be looked at again and again', () => {
    const started = performance.now();
    refuseDeepJson(`"${'\\"'.repeat(2_000_000)}`, 1);
    refuseDeepJson('"a'.repeat(1_000_000), 1);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
