/** What goes around the bytes of a file: nothing, a range, or the parts of multipart/byteranges (RFC 9110 §14.6). */

import { randomBytes } from 'node:crypto';
import type { Negotiated, Part } from './range.ts';

/** A part of the file, and the text that goes before it. */
type Section = { readonly before: string; readonly part: Part };

export type Body = {
  readonly headers: Readonly<Record<string, string | number>>;
  readonly sections: readonly Section[];
  /** Text after the last section. */
  readonly after: string;
};

type Sent = Extract<Negotiated, { status: 200 | 206 }>;

/** Headers have the length of it all, so that HTTP/1.0 clients and progress bars know it. */
export function bodyOf(
  outcome: Sent,
  { size, type, boundary }: { readonly size: number; readonly type: string; readonly boundary?: string },
): Body {
  if (outcome.status === 200) return plain({ start: 0, length: size }, { 'Content-Type': type });
  const [first, ...others] = outcome.parts;
  if (first === undefined || others.length > 0) {
    return multipart(outcome.parts, size, type, boundary ?? randomBytes(18).toString('hex'));
  }
  return plain(first, { 'Content-Type': type, 'Content-Range': contentRange(first, size) });
}

function plain(part: Part, headers: Readonly<Record<string, string>>): Body {
  return {
    headers: { ...headers, 'Content-Length': part.length },
    sections: [{ before: '', part }],
    after: '',
  };
}

function multipart(parts: readonly Part[], size: number, type: string, boundary: string): Body {
  const sections = parts.map((part, index) => ({
    before: `${index === 0 ? '' : '\r\n'}--${boundary}\r\nContent-Type: ${type}\r\nContent-Range: ${contentRange(part, size)}\r\n\r\n`,
    part,
  }));
  const after = `\r\n--${boundary}--\r\n`;
  const length = sections.reduce((sum, { before, part }) => sum + before.length + part.length, after.length);
  return {
    headers: { 'Content-Type': `multipart/byteranges; boundary=${boundary}`, 'Content-Length': length },
    sections,
    after,
  };
}

function contentRange({ start, length }: Part, size: number): string {
  return `bytes ${start}-${start + length - 1}/${size}`;
}
