import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromLatin1, latin1 } from '../net/bytes.ts';
import { toNetascii } from './netascii.ts';

/** What a client on Unix does with it. */
function fromNetascii(bytes: Uint8Array): Uint8Array {
  return fromLatin1(latin1(bytes).replace(/\r([\n\0])/g, (_, next: string) => (next === '\n' ? '\n' : '\r')));
}

describe('netascii', () => {
  it('ends lines in CR LF and escapes a lone CR', () => {
    expect(latin1(toNetascii(fromLatin1('a\nb\rc\r\n')))).toBe('a\r\nb\r\0c\r\0\r\n');
  });

  it('comes back as the file it was', () => {
    const text = fc.uint8Array({ maxLength: 300 }).map((bytes) => bytes.map((byte) => byte % 16));
    fc.assert(fc.property(text, (file) => void expect(fromNetascii(toNetascii(file))).toEqual(file)));
  });

  it('leaves no CR or LF on its own', () => {
    const text = fc.uint8Array({ maxLength: 300 }).map((bytes) => bytes.map((byte) => byte % 16));
    fc.assert(
      fc.property(text, (file) => {
        const sent = latin1(toNetascii(file));
        expect(sent).not.toMatch(/\r(?![\n\0])/);
        expect(sent).not.toMatch(/(?<!\r)\n/);
      }),
    );
  });
});
