/**
 * ERB with trim mode `-` (what Foreman uses) to Ruby text, as Ruby's own compiler lays it out:
 * `<%-` swallows the blanks before it on its line, `-%>` the line end after it, `<%%` and `%%>` are literal.
 * Commands are joined by `; ` except where a tag's code ended in a newline or `-%>` ate one: there only a
 * newline stands, and templates in the field rely on it (an argument list that continues in the next tag).
 */

import { type Place, placeOf } from './errors.ts';
import type { Piece } from './origins.ts';

/** Text chunk number n is put out by `__text__(n)`, the value of `<%= … %>` by `__value__((…))`. */
export const TEXT_CALL = '__text__';
export const VALUE_CALL = '__value__';

/** A stretch of template text that stands unchanged in the Ruby text. Offsets are UTF-16 units. */
export type Segment = { readonly ruby: number; readonly template: number; readonly length: number };

export type ErbProgram = {
  readonly ruby: string;
  readonly chunks: readonly string[];
  /** For each chunk, where its stretches stand in the template; `<%%` splits a chunk. */
  readonly chunkOrigins: readonly (readonly Piece[])[];
  readonly segments: readonly Segment[];
  /** Ruby offsets of the calls this compiler wrote: the same names written by a user mean nothing. */
  readonly generated: ReadonlySet<number>;
};

export class UnclosedTag extends Error {
  /** Offset in the template, just behind the opening of the tag. */
  readonly offset: number;
  constructor(offset: number) {
    super('this tag is never closed: %> is missing');
    this.offset = offset;
  }
}

/** Text that is not put out yet: the next tag may be a literal one. */
class Pending {
  content = '';
  readonly pieces: Piece[] = [];

  add(text: string, at: number): void {
    if (text === '') return;
    this.pieces.push({ start: this.content.length, template: at });
    this.content += text;
  }
}

type Tag = '<%' | '<%=' | '<%#';

class Writer {
  ruby = '';
  readonly chunks: string[] = [];
  readonly chunkOrigins: (readonly Piece[])[] = [];
  readonly segments: Segment[] = [];
  readonly generated = new Set<number>();
  private fresh = true;

  private command(): void {
    if (!this.fresh) this.ruby += '; ';
    this.fresh = false;
  }

  text({ content, pieces }: Pending): void {
    if (content === '') return;
    this.command();
    this.generated.add(this.ruby.length);
    this.ruby += `${TEXT_CALL}(${this.chunks.length})${'\n'.repeat(count(content, '\n'))}`;
    this.chunks.push(content);
    this.chunkOrigins.push(pieces);
  }

  code(content: string, at: number): void {
    this.command();
    const endsLine = content.endsWith('\n');
    this.copy(endsLine ? content.slice(0, -1) : content, at);
    if (endsLine) this.newline();
  }

  value(content: string, at: number): void {
    this.command();
    this.generated.add(this.ruby.length);
    this.ruby += `${VALUE_CALL}((`;
    this.copy(content, at);
    this.ruby += '))';
  }

  newline(): void {
    this.ruby += '\n';
    this.fresh = true;
  }

  private copy(content: string, at: number): void {
    this.segments.push({ ruby: this.ruby.length, template: at, length: content.length });
    this.ruby += content;
  }
}

function count(text: string, char: string): number {
  return text.split(char).length - 1;
}

const OPENING = /^[ \t]*<%-|<%-|<%%|<%=|<%#|<%/gm;
/** To Ruby's scanner, the place where it goes on scanning is the beginning of a line. */
const OPENING_HERE = /[ \t]*<%-/y;
const CLOSING = /-%>|%%>|%>/g;

function next(pattern: RegExp, text: string, from: number): RegExpExecArray | null {
  pattern.lastIndex = from;
  return pattern.exec(text);
}

export function compileErb(template: string): ErbProgram {
  const writer = new Writer();
  let position = 0;
  let pending = new Pending();
  while (position < template.length) {
    const opening = next(OPENING_HERE, template, position) ?? next(OPENING, template, position);
    if (opening === null) break;
    const text = template.slice(position, opening.index);
    pending.add(text, position);
    // Ruby puts out a lone line end at once, which shows behind a comment: the next text is not part of that.
    if (text === '\n') {
      writer.text(pending);
      pending = new Pending();
    }
    position = opening.index + opening[0].length;
    if (opening[0] === '<%%') {
      pending.add('<%', opening.index);
      continue;
    }
    writer.text(pending);
    pending = new Pending();
    const tag = opening[0].endsWith('<%-') ? '<%' : (opening[0] as Tag);
    position = compileTag(writer, template, tag, position);
  }
  pending.add(template.slice(position), position);
  writer.text(pending);
  return writer;
}

/** Compiles one tag whose content starts at `start`; answers where the text after it begins. */
function compileTag(writer: Writer, template: string, tag: Tag, start: number): number {
  let content = '';
  let position = start;
  for (;;) {
    const closing = next(CLOSING, template, position);
    // Ruby prints the rest of the template, code and all, as text; nobody can have meant that.
    if (closing === null) throw new UnclosedTag(start);
    content += template.slice(position, closing.index);
    position = closing.index + closing[0].length;
    if (closing[0] === '%%>') {
      // One character less than the template has: places behind it in this tag are off by one.
      content += '%>';
      continue;
    }
    if (tag === '<%') writer.code(content, start);
    if (tag === '<%=') writer.value(content, start);
    return closing[0] === '-%>' ? skipLineEnd(writer, template, position) : position;
  }
}

function skipLineEnd(writer: Writer, template: string, position: number): number {
  const rest = template.slice(position, position + 2);
  const length = rest.startsWith('\r\n') ? 2 : rest.startsWith('\n') ? 1 : 0;
  if (length > 0 || position === template.length) writer.newline();
  return position + length;
}

/** Where in the template a place of the Ruby text comes from: the segment it lies in, or the next before it. */
export function templateOffset(program: ErbProgram, ruby: number): number {
  let low = 0;
  let high = program.segments.length - 1;
  let found = 0;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const segment = program.segments[middle]!;
    if (segment.ruby > ruby) {
      high = middle - 1;
    } else {
      found = segment.template + Math.min(ruby - segment.ruby, segment.length);
      low = middle + 1;
    }
  }
  return found;
}

/** The place of a Ruby offset, from the template's text alone; for the rare case that nothing better is at hand. */
export function placeInText(template: string, ruby: number): Place {
  const text = withoutCarriageReturns(template);
  return placeOf(text, templateOffset(compileErb(text), ruby));
}

/** Foreman strips them when a template is saved. */
export function withoutCarriageReturns(template: string): string {
  return template.replaceAll('\r\n', '\n');
}
