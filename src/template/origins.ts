/** Where rendered text comes from: a fault found in the output is shown at the place of the template. */

import { type Place, placeOf } from './errors.ts';

/** A stretch of rendered text, up to where the next one begins. Offsets are UTF-16 units. */
export type Origin = Place & {
  /** Where in the rendered text it begins. */
  readonly offset: number;
  /** A template or a snippet that it called. */
  readonly template: string;
  /** The stretch stands in the template as it is here; otherwise all of it is what one tag put out. */
  readonly copied: boolean;
};

/**
 * The template, line and column that the character at `offset` of a rendered text comes from.
 * @param map of the whole text, in order of offsets
 */
export function originOf(map: readonly Origin[], offset: number): Origin | undefined {
  let low = 0;
  let high = map.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (map[middle]!.offset <= offset) low = middle + 1;
    else high = middle;
  }
  const origin = map[low - 1];
  if (origin === undefined || !origin.copied) return origin;
  return { ...origin, offset, column: origin.column + offset - origin.offset };
}

/** What a template knows about itself once it is compiled. */
type Source = {
  readonly text: string;
  readonly place: (at: number) => Place;
  readonly chunkOrigins: readonly (readonly Piece[])[];
};

/** A stretch of a text chunk and the offset in the template that it is copied from. */
export type Piece = { readonly start: number; readonly template: number };

/** Keeps the origins of one template's output while it is being rendered. */
export class Trail {
  readonly origins: Origin[] = [];
  private readonly template: string;
  private readonly source: Source;
  private readonly inner = new Map<string, readonly Origin[]>();

  constructor(template: string, source: Source) {
    this.template = template;
    this.source = source;
  }

  /** Text chunk number `chunk` is about to be put out at `offset`. A stretch never goes over a line end. */
  text(offset: number, chunk: number, content: string): void {
    const pieces = this.source.chunkOrigins[chunk]!;
    pieces.forEach(({ start, template }, i) => {
      const end = pieces[i + 1]?.start ?? content.length;
      const { line, column } = placeOf(this.source.text, template);
      this.add({ line, column }, offset + start);
      let lines = 0;
      for (
        let at = content.indexOf('\n', start);
        at !== -1 && at + 1 < end;
        at = content.indexOf('\n', at + 1)
      )
        this.add({ line: line + ++lines, column: 1 }, offset + at + 1);
    });
  }

  private add(place: Place, offset: number): void {
    this.origins.push({ offset, template: this.template, ...place, copied: true });
  }

  /** What the tag at `at` of the Ruby text says is about to be put out at `offset`. */
  value(offset: number, at: number, content: string): void {
    if (content === '') return;
    const inner = this.inner.get(content);
    if (inner !== undefined) {
      for (const origin of inner) this.origins.push({ ...origin, offset: offset + origin.offset });
      return;
    }
    this.origins.push({ offset, template: this.template, ...this.source.place(at), copied: false });
  }

  /** A snippet that this template called rendered this; known by its text when it is put out unchanged. */
  called(content: string, origins: readonly Origin[]): void {
    if (origins.length > 0) this.inner.set(content, origins);
  }
}
