/** Where something stands in the files that are moved in, and the error for text that is not what it should be. */

import { ChainbootError, type Problem } from '../errors.ts';

/** Lines and columns count from 1. */
export type Place = { readonly file: string; readonly line: number; readonly column: number };

export function formatPlace({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

/** The only error that reading a configuration throws. `source` names its language: `dhcpd`, `Kea` … */
export function unreadable(source: string, place: Place, reason: string): ChainbootError {
  const problem: Problem = { ...place, path: '', message: reason };
  return new ChainbootError('IMPORT_UNREADABLE', { source, place: formatPlace(place), reason }, [problem]);
}

/** Finds line and column of offsets into a text. */
export class Lines {
  private readonly file: string;
  private readonly starts: number[] = [0];

  constructor(file: string, text: string) {
    this.file = file;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.starts.push(at + 1);
  }

  at(offset: number): Place {
    let [low, high] = [0, this.starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return { file: this.file, line: low + 1, column: offset - this.starts[low]! + 1 };
  }
}
