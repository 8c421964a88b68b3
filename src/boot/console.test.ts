import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipxeWords, wrapped } from './console.ts';

describe('ipxeWords', () => {
  it.each([
    [`host \${net0/mac} is $5`, 'host $ {net0/mac} is $5'],
    ['a && b || c', 'a & & b | | c'],
    ['#1 and a#b', "'#1 and a#b"],
    ['two\nlines\r\n and\ttabs', 'two lines and tabs'],
    ['Müller', 'M?ller'],
    ['ends in \\', 'ends in'],
  ])('%j', (text, expected) => {
    expect(ipxeWords(text)).toBe(expected);
  });

  it('never leaves anything that iPXE interprets', () => {
    const tricky = fc.constantFrom('$', '{', '}', '&', '|', '#', ' ', '\n', '\r', '\\', 'a', '\t', 'ä', '\0');
    fc.assert(
      fc.property(
        fc.array(tricky).map((parts) => parts.join('')),
        (text) => {
          const words = ipxeWords(text);
          expect(words).toMatch(/^[\x20-\x7e]*$/);
          expect(words).not.toContain(`\${`);
          expect(words).not.toMatch(/\\$/);
          expect(words.split(' ')).not.toContain('&&');
          expect(words.split(' ')).not.toContain('||');
          expect(words).not.toMatch(/(^| )#/);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('wrapped', () => {
  it('breaks at blanks, keeps every word, and lets a long word stand out', () => {
    expect(wrapped('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapped('a https://server.example.com/very/long b', 10)).toEqual([
      'a',
      'https://server.example.com/very/long',
      'b',
    ]);
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 80 }), (text, width) => {
        const lines = wrapped(text, width);
        for (const line of lines) expect(line.length <= width || !line.includes(' ')).toBe(true);
        expect(lines.join(' ')).toBe(wrapped(text, 1_000_000)[0]);
      }),
    );
  });
});
